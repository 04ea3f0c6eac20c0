// How the dashboard is built: static files in `dist/`, served by the API; `vite` in development passes `/v1` on to it.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [svelte()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    // The API's content security policy allows no `data:` fonts and no inline scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: { "/v1": process.env["KOPROGO_API"] ?? "http://127.0.0.1:8080" },
  },
});
