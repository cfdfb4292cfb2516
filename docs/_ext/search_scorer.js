// In which order the search shows what it found; Sphinx puts this into its own script.
// A page is about the words in its title and in its index. Among pages that merely have
// the words the guide explains, the API lists, examples show, and changes mention.
var Scorer = {
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,

  more: { user_guide: 3, "": 2, auto_examples: -1, whats_new: -4 },

  stems: (text) => {
    const words = splitQuery(text.toLowerCase()).filter((w) => !stopwords.has(w));
    const stemmer = new Stemmer();
    return new Set(words.map((word) => stemmer.stemWord(word)));
  },

  // What each page is about: its title, and what it has in the index.
  about: () => {
    if (Scorer.read) return Scorer.read;
    const { titles, indexentries } = Search._index;
    Scorer.read = titles.map((title) => [Scorer.stems(title)]);
    for (const [entry, places] of Object.entries(indexentries))
      for (const [page, , isMain] of places)
        if (isMain) Scorer.read[page].push(Scorer.stems(entry));
    // An entry of the index has no text of its own, of which Sphinx shows a part.
    const text = Search.htmlToText;
    Search.htmlToText = (html, anchor) =>
      (anchor?.startsWith("#index-") ? "" : text(html, anchor)) || text(html);
    return Scorer.read;
  },

  score: (result) => {
    const [page, , anchor, , score, , kind] = result;
    const about = Scorer.about()[Search._index.docnames.indexOf(page)];
    if (kind === "index") {
      if (anchor === "#index-0") result[2] = ""; // it is above the title
      return score;
    }
    if (kind === "object") return score;
    const query = Scorer.stems(new URLSearchParams(location.search).get("q") || "");
    // 1 if a title or an entry has the same words, less the more they differ.
    const likeness = about.map(
      (words) =>
        [...query].filter((word) => words.has(word)).length /
        Math.max(query.size, words.size, 1),
    );
    const folder = page.includes("/") ? page.split("/")[0] : "";
    return score + 20 * Math.max(...likeness) + (Scorer.more[folder] ?? 0);
  },
};
