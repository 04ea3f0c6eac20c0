// Commands to devices: written by people, delivered by whichever broker the device is at.
export * from "./commands.ts";
export * from "./deliver-commands.ts";
export * from "./request-of-device.ts";
