# One image for every process of the product: which one it is, the command says (see docker-compose.yml).
FROM node:26-trixie-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Not `npm ci`: the lock file may have been made where other systems' platform packages were not served.
# No scripts: the only one fetches a Node for machines that have none of this version.
RUN npm install --ignore-scripts --no-audit --no-fund

FROM dependencies AS build
COPY . .
RUN node node_modules/vite/bin/vite.js build api/dashboard && npm prune --omit=dev --ignore-scripts

FROM node:26-trixie-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app ./
# The files stay root's: the process can read them and write none.
USER node
CMD ["node", "api/main.ts"]
