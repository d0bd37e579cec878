package io.taskbroker.bootstrap.operator;

import io.taskbroker.settings.reading.OneLine;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What a running broker says of its parked rows, and is told to do with them. */
public final class ParkedInBroker {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Mixin private @Nullable BrokerLink link;

  /** Whether a running broker was named, and not a file. */
  public boolean isNamed() {
    return spec().commandLine().getParseResult().hasMatchedOption("--broker");
  }

  private CommandSpec spec() {
    if (command == null) {
      throw new IllegalStateException("not called through picocli");
    }
    return command;
  }

  private BrokerLink broker() {
    if (link == null) {
      throw new IllegalStateException("not called through picocli");
    }
    return link;
  }

  private PrintWriter out() {
    return spec().commandLine().getOut();
  }

  // ---------------------------------------------------------------- list

  /** Shows them, oldest first; the exit code. */
  public int list() {
    List<Map<String, Object>> rows = all();
    if (broker().isJson()) {
      out().println(BrokerLink.text(Map.of("parked", rows)));
    } else {
      rows.forEach(this::show);
      out().printf("%d parked%n", rows.size());
    }
    out().flush();
    return Question.DONE;
  }

  private List<Map<String, Object>> all() {
    return broker().all("/api/v1/parked", "parked");
  }

  private void show(Map<String, Object> row) {
    out()
        .printf(
            "%s%n  %s of %s, %d bytes, from %s/%d at %d%n  %s%n",
            said(row, "id"),
            said(row, "leaves_as").replace('_', ' '),
            row.containsKey("task") ? said(row, "task") : "no task",
            Answer.number(row, "payload_bytes"),
            said(row, "topic"),
            Answer.number(row, "partition"),
            Answer.number(row, "offset"),
            said(row, "reason"));
  }

  private static String said(Map<String, Object> row, String name) {
    return OneLine.of(String.valueOf(row.getOrDefault(name, "")));
  }

  // ---------------------------------------------------------------- retry and drop

  /** What is to be done, and whether. */
  public static final class Intent {
    @Option(
        names = "--yes",
        description = "Do it, also to several rows of a running broker. Else they are counted.")
    private boolean yes;

    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        description = "Why, for the audit of a broker.")
    private @Nullable String reason;

    private Map<String, Object> order(Map<String, Object> what) {
      Map<String, Object> order = new LinkedHashMap<>(what);
      if (reason != null) {
        order.put("reason", reason);
      }
      return order;
    }
  }

  /**
   * Does it to these rows, as they are called or shown.
   *
   * @param act the last word of the path of the API
   * @return the exit code
   */
  public int settle(String act, Intent intent, List<String> ids) {
    List<Map<String, Object>> parked = all();
    List<Map<String, Object>> chosen = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    for (String id : ids) {
      List<Map<String, Object>> meant = meant(id, parked);
      chosen.addAll(meant);
      if (meant.isEmpty()) {
        refused.add(id);
      }
    }
    if (!refused.isEmpty()) {
      throw new Refused(
          "not parked in the broker, or several that are shown so: %s. Nothing was changed."
              .formatted(String.join(", ", refused)));
    }
    if (chosen.size() > 1 && !intent.yes) {
      out().printf("%d parked rows are named. Add --yes to %s them.%n", chosen.size(), act);
      out().flush();
      return Question.DONE;
    }
    for (Map<String, Object> row : chosen) {
      Map<String, Object> order = intent.order(Map.of("key", Answer.number(row, "key")));
      out().println(broker().post("/api/v1/parked/" + act, order).get("words"));
    }
    out().flush();
    return Question.DONE;
  }

  /** Those that are called so; else the one that is shown so. */
  private static List<Map<String, Object>> meant(String id, List<Map<String, Object>> parked) {
    List<Map<String, Object>> called =
        parked.stream().filter(row -> id.equals(row.get("id"))).toList();
    List<Map<String, Object>> shown =
        parked.stream().filter(row -> id.equals(said(row, "id"))).toList();
    if (!called.isEmpty()) {
      return called;
    }
    return shown.size() == 1 ? shown : Collections.emptyList();
  }

  /**
   * Does it to all that are parked, or counts them.
   *
   * @return the exit code
   */
  public int settleAll(String act, Intent intent) {
    Map<String, Object> order = intent.order(Map.of("all", true, "dry_run", !intent.yes));
    long done = 0;
    boolean isLast = false;
    while (!isLast) {
      Map<String, Object> piece = broker().post("/api/v1/parked/" + act, order);
      done += Answer.number(Answer.object(piece, "verdicts"), "done");
      order.put("after", Answer.number(piece, "last"));
      isLast = Boolean.TRUE.equals(piece.get("is_last"));
    }
    out()
        .println(
            intent.yes
                ? "%s: %s, done".formatted(Plural.of(done, "parked row", "parked rows"), act)
                : "%s parked. Add --yes to %s %s."
                    .formatted(
                        Plural.of(done, "row is", "rows are"), act, done == 1 ? "it" : "them"));
    out().flush();
    return done == 0 ? Question.NOTHING : Question.DONE;
  }
}
