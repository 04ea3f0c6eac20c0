// What the documentation of the API says about files of history.

export const IMPORT_DESCRIPTION = [
  "`format` may be left out, or `auto`: the file's first lines tell, and `notes` say what was recognised.",
  "`interval-csv`: a header `code,from,to,energyWh` and perhaps `status`, separated by commas or semicolons, UTF-8. `from` and `to` are RFC 3339 instants with an offset, on quarter-hours, the end not included, at most 32 days apart; longer intervals than a quarter-hour are spread evenly, their sum kept. Whole Wh (gas and water: litres); decimals are rounded row by row.",
  "Exports are taken as they were downloaded: `fluvius` (Mijn Fluvius in Dutch, French and English, and the answer of its API), `enedis` (load curve, CSV or JSON), `e-distribuzione`, `engie`, `liander`, `mijn-aansluiting` (indexes, JSON), `dsmr-reader`, `amr` (British half-hours). Of gas, m³ are taken.",
  "Without `supplyPointId` every row needs a code that is registered. With it, a file that names another valid EAN, PRM or POD is refused; what can be nobody's code (an anonymised export) is taken for the chosen one, and said in `notes`. Rows of another carrier than the chosen supply point's are left out.",
  "Rows that cannot be read are listed in `errors` and left out; after 10,000 of them reading ends. A file without one good row, or one that cannot be read as a whole, is answered with 201 as well: its `state` is `failed`, `errors` say why, and it cannot be committed.",
  "The file is kept before it is read. The answer waits up to 20 s for the preview (`Prefer: wait=S`, at most 60, or `respond-async`); what takes longer is answered with 202 and `state` staged: `GET /v1/imports/{id}` shows its progress. Reading goes on, and is begun again if the process ends.",
  "The same file with the same `supplyPointId`, sent again while it is read, or while its preview waits and all its rows were good, is answered with that import (200, or 202). At most 20 previews of an account wait for a week; the oldest are given up first.",
].join(" ");
