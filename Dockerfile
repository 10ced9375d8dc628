# One image for all services; the command chooses which. Node runs the TypeScript as it is: there is no build.

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The image brings Node itself, so the npm package of that name, for machines with an older one, is left out.
RUN npm ci --omit=dev --no-audit --no-fund \
  && rm -rf node_modules/node node_modules/node-bin-* node_modules/node-linux-* node_modules/.bin/node \
  && npm cache clean --force

FROM node:24-bookworm-slim
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-semi-space-size=32 \
    HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY access access
COPY catalogue catalogue
COPY domain domain
COPY eventstore eventstore
COPY live live
COPY service service
COPY notifications notifications
COPY orders orders
COPY payments payments
COPY people people
COPY projections projections
COPY schema schema
USER node
EXPOSE 4000 8080 8081 8082 8083
CMD ["node", "schema/main.ts"]
