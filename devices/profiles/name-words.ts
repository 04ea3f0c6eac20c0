// Which words of a name say what is measured, and which are of the place where it is: `night energy` is a tariff, `night light energy` a lamp.

/** The words of a text, small and without accents: `Energy/Import`, `energy-import`, `energyImport` and `Énergie` alike. */
export function wordsOf(text: string): string[] {
  const plain = text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2");
  return plain
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** Words that measuring shares with rooms, furniture and people. */
const AMBIGUOUS =
  /^(?:low|normal|high|day|night|dal|piek|laag|hoog|nacht|dag|nuit|jour|hc|hp|ht|nt|solar|hour|week|month|year|last|min|max|minimum|maximum|mean|limit|target|interval|diff|budget|quota|hier|maand|jaar|uur|monat|jahr|woche|stunde|mois|semaine|annee|heure|mese|anno|settimana|tank|cistern|level|storage|capacity|reserve|available|gas|gaz|heat|heating|thermal|heizung|chauffage|verwarming|water|wasser|eau|acqua|production|return|out|load|feed|produktion|productie|produzione)$/;
/** What an ambiguous word can stand before and still be of the measuring: it is the next word that it describes. */
const MEASURED =
  /^(?:energy|power|consumption|consumed|usage|used?|total|sum|index|meter(?:ing)?|reading|counter|count|tariff?s?|rate|k?wh|mwh|m3|import|imported|export|exported|delivered|returned|produced|active|electricity|electric|volume|flow|value|yield|generation|cost|demand|energie|verbruik|verbrauch|consommation|zahlerstand|zaehlerstand|meterstand|stand|leistung|puissance|vermogen|strom|stroom|elektriciteit|electricite|zahler|zaehler|compteur|consumo|energia|potenza|contatore|panels?|array|plant|inverter|roof)$/;
/** Between the two they say nothing. */
const PASSED =
  /^(?:this|the|of|in|per|current|der|des|du|de|la|le|van|het|dit|diese[rsn]?|ce|cette|24h?|hours?|stunden)$/;
/** `P1 meter` is the whole meter at its port. */
const PORT = /^(?:meter|port|reader|dongle|monitor|gateway|telegram|smart|dsmr|converter|ib)$/;

/** Without those that could be of a place: an ambiguous word counts at the end, or before what is measured. */
export function countingWords(text: string): string[] {
  const words = wordsOf(text);
  return words.filter((word, at) => {
    if (word === "p1") return !PORT.test(words[at + 1] ?? "");
    return !AMBIGUOUS.test(word) || describesWhatIsMeasured(words, at);
  });
}

function describesWhatIsMeasured(words: readonly string[], at: number): boolean {
  for (let next = at + 1; next < words.length; next++) {
    const word = words[next] ?? "";
    if (MEASURED.test(word)) return true;
    if (!AMBIGUOUS.test(word) && !PASSED.test(word)) return false;
  }
  return true;
}
