// How the dashboard is built: static files in `dist/`, served by the API; `vite` in development passes `/v1` on to it.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig(({ command }) => {
  // A build is what readers get, also when a test asks for it under its own NODE_ENV.
  if (command === "build") process.env["NODE_ENV"] = "production";
  return {
    root: import.meta.dirname,
    plugins: [svelte()],
    build: {
      outDir: "dist",
      emptyOutDir: true,
      target: "es2023",
      // The API's content security policy allows no `data:` fonts and no inline scripts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // The chart library, which is loaded only where a chart is shown.
      chunkSizeWarningLimit: 600,
    },
    server: {
      proxy: { "/v1": process.env["KOPROGO_API"] ?? "http://127.0.0.1:8080" },
    },
  };
});
