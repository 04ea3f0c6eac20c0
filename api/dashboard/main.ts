// The dashboard's entry: the language first, then the page.
import { mount } from "svelte";
import App from "./app.svelte";
import { initialLocale, texts } from "./text/texts.svelte.ts";
import "./style/tokens.css";
import "./style/base.css";

const target = document.querySelector("#app");
if (target === null) throw new Error("index.html has no element #app to mount the dashboard in.");

await texts.use(initialLocale());
mount(App, { target });
