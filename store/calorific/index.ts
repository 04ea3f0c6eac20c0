// Calorific values of gas: what a cubic metre holds, where and from when.
export * from "./calorific-values.ts";
