package io.taskbroker.application.letters;

import io.taskbroker.domain.Ordered;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run over dead letters is to do, and how far it is. Written down with each step, so that
 * another process can go on.
 *
 * @param rate letters a second; of no meaning for those that are dropped
 * @param most letters in all; 0 for as many as there are
 * @param identity of the topic
 * @param ends up to where it looks in each partition: what comes later is not its business
 * @param begunMs Unix milliseconds
 * @param atMs when this was written; Unix milliseconds
 * @param refused letters that match and cannot be sent again
 * @param words what there is to say about its end; may be empty
 */
public record RunNote(
    Kind kind,
    LetterFilter filter,
    int rate,
    long most,
    String by,
    String reason,
    String identity,
    Map<Integer, Long> ends,
    long begunMs,
    long atMs,
    long handled,
    long refused,
    Status status,
    String words) {
  public RunNote {
    ends = Ordered.copyOf(ends);
  }

  /** What is done to letters. */
  public enum Kind {
    REQUEUE,
    DROP;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How it stands. */
  public enum Status {
    RUNNING,
    STOPPED,
    DONE,
    FAILED;

    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  RunNote now(long nowMs, long handledSoFar, long refusedSoFar, Status stands, String said) {
    return new RunNote(
        kind,
        filter,
        rate,
        most,
        by,
        reason,
        identity,
        ends,
        begunMs,
        nowMs,
        handledSoFar,
        refusedSoFar,
        stands,
        said);
  }

  /** Whether this is a note of the same order, however far it has come. */
  boolean isSameRun(RunNote other) {
    return atBegin().equals(other.atBegin());
  }

  private RunNote atBegin() {
    return now(begunMs, 0, 0, Status.RUNNING, "");
  }

  /** For people, such as {@code requeue dead letters (task 'mail') at 50 a second}. */
  public String order() {
    return switch (kind) {
      case REQUEUE -> "requeue dead letters (%s) at %d a second".formatted(filter.words(), rate);
      case DROP -> "drop dead letters (%s)".formatted(filter.words());
    };
  }

  // ---------------------------------------------------------------- written down

  String text() {
    Map<String, @Nullable String> facts = new LinkedHashMap<>();
    facts.put("kind", kind.name());
    facts.put("application", filter.application());
    facts.put("namespace", filter.namespace());
    facts.put("task", filter.taskname());
    facts.put("cause", filter.cause());
    facts.put("chosen", chosenText());
    facts.put("rate", Integer.toString(rate));
    facts.put("most", Long.toString(most));
    facts.put("by", by);
    facts.put("reason", reason);
    facts.put("identity", identity);
    facts.put("begun", Long.toString(begunMs));
    facts.put("at", Long.toString(atMs));
    facts.put("handled", Long.toString(handled));
    facts.put("refused", Long.toString(refused));
    facts.put("status", status.name());
    facts.put("words", words);
    ends.forEach((partition, end) -> facts.put("end." + partition, Long.toString(end)));
    StringBuilder text = new StringBuilder();
    facts.forEach(
        (name, value) -> {
          if (value != null) {
            text.append(name).append('=').append(onOneLine(value)).append('\n');
          }
        });
    return text.toString();
  }

  private @Nullable String chosenText() {
    if (filter.chosen().isEmpty()) {
      return null;
    }
    List<String> places = new ArrayList<>();
    filter.chosen().forEach(at -> places.add(at.partition() + ":" + at.offset()));
    return String.join(" ", places);
  }

  private static String onOneLine(String text) {
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
  }

  private static String asWritten(String line) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char sign = line.charAt(i);
      if (sign == '\\' && i + 1 < line.length()) {
        i++;
        char escaped = line.charAt(i);
        text.append(escaped == 'n' ? '\n' : escaped == 'r' ? '\r' : escaped);
      } else {
        text.append(sign);
      }
    }
    return text.toString();
  }

  /** Reads what {@link #text} has written; empty for anything else, such as of another version. */
  static Optional<RunNote> read(String text) {
    Map<String, String> facts = new LinkedHashMap<>();
    text.lines()
        .forEach(
            line -> {
              int at = line.indexOf('=');
              if (at > 0) {
                facts.put(line.substring(0, at), asWritten(line.substring(at + 1)));
              }
            });
    try {
      return Optional.of(of(facts));
    } catch (IllegalArgumentException _) { // a number or a name that is none, or is missing
      return Optional.empty();
    }
  }

  private static RunNote of(Map<String, String> facts) {
    Map<Integer, Long> ends = new TreeMap<>();
    facts.forEach(
        (name, value) -> {
          if (name.startsWith("end.")) {
            ends.put(Integer.valueOf(name.substring("end.".length())), Long.valueOf(value));
          }
        });
    return new RunNote(
        Kind.valueOf(fact(facts, "kind")),
        new LetterFilter(
            facts.get("application"),
            facts.get("namespace"),
            facts.get("task"),
            facts.get("cause"),
            chosen(facts.getOrDefault("chosen", ""))),
        Integer.parseInt(fact(facts, "rate")),
        Long.parseLong(fact(facts, "most")),
        fact(facts, "by"),
        fact(facts, "reason"),
        fact(facts, "identity"),
        ends,
        Long.parseLong(fact(facts, "begun")),
        Long.parseLong(fact(facts, "at")),
        Long.parseLong(fact(facts, "handled")),
        Long.parseLong(fact(facts, "refused")),
        Status.valueOf(fact(facts, "status")),
        fact(facts, "words"));
  }

  private static String fact(Map<String, String> facts, String name) {
    String value = facts.get(name);
    if (value == null) {
      throw new IllegalArgumentException("'" + name + "' is missing");
    }
    return value;
  }

  private static List<LetterPosition> chosen(String text) {
    List<LetterPosition> all = new ArrayList<>();
    for (String place : text.isEmpty() ? new String[0] : text.split(" ", -1)) {
      int colon = place.indexOf(':');
      all.add(
          new LetterPosition(
              Integer.parseInt(place.substring(0, Math.max(0, colon))),
              Long.parseLong(place.substring(colon + 1))));
    }
    return all;
  }
}
