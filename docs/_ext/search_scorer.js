// In which order the search shows what it found; Sphinx puts this into its own script.
// A page whose title or index has the words is about them. Among the rest the guide
// explains, the API lists, examples show, and the list of changes only mentions.
var Scorer = {
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,

  stems: (text) => {
    const stemmer = new Stemmer();
    return splitQuery(text.toLowerCase()).map((word) => stemmer.stemWord(word));
  },

  // The words in the title and in the index of each page.
  about: () => {
    if (!Scorer._about) {
      const { titles, indexentries } = Search._index;
      Scorer._about = titles.map((title) => new Set(Scorer.stems(title)));
      for (const [entry, places] of Object.entries(indexentries))
        for (const [page, , isMain] of places)
          if (isMain)
            Scorer.stems(entry).forEach((word) => Scorer._about[page].add(word));
    }
    return Scorer._about;
  },

  score: ([name, , , , score, , kind]) => {
    if (kind === "index" || kind === "object") return score;
    const query = new URLSearchParams(window.location.search).get("q") || "";
    const words = Scorer.stems(query).filter((word) => !stopwords.has(word));
    const about = Scorer.about()[Search._index.docnames.indexOf(name)];
    const share = words.filter((word) => about.has(word)).length / words.length;
    const folder = name.includes("/") ? name.split("/")[0] : "";
    const more = { user_guide: 3, "": 2, auto_examples: -1, whats_new: -4 };
    return score + 10 * (share || 0) + (more[folder] || 0);
  },
};
