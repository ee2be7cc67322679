"""What axe-core is asked of a page, and how it tells what is wrong: a JSON list, empty where nothing is."""

RULES = """() => axe.run(document, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  resultTypes: ["violations"],
  selectors: false,
}).then((found) => JSON.stringify(found.violations.map((one) => ({
  id: one.id, nodes: one.nodes.map((node) => node.html.slice(0, 200)),
}))))"""

EVERY_RULE = """() => axe.run({ resultTypes: ["violations"], selectors: false }).then((found) => JSON.stringify(
  found.violations.map((one) => [one.id, one.nodes.map((node) => node.html)])))"""
