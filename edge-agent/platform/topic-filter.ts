/** MQTT 3.1.1 4.7: `+` is one level, `#` at the end is all that follows; neither matches a topic that begins with `$`. */
export function topicMatches(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const levels = topic.split("/");
  if (topic.startsWith("$") && (wanted[0] === "+" || wanted[0] === "#")) return false;
  for (const [index, want] of wanted.entries()) {
    if (want === "#") return index === wanted.length - 1;
    if (index >= levels.length) return false;
    if (want !== "+" && want !== levels[index]) return false;
  }
  return levels.length === wanted.length;
}
