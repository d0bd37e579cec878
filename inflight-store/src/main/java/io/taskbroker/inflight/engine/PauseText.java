package io.taskbroker.inflight.engine;

import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pauses as standing orders: {@code pause?application=shop}, {@code by=ann&since=…}. */
final class PauseText {
  private static final String PREFIX = "pause?";

  private PauseText() {}

  static StandingOrder write(Pause pause) {
    return new StandingOrder(name(pause.target()), text(pause));
  }

  private static String text(Pause pause) {
    return OrderFields.write(
        "by", pause.by(),
        "reason", pause.reason(),
        "since", Long.toString(pause.sinceMs()),
        "until", pause.untilMs() == null ? null : Long.toString(pause.untilMs()));
  }

  static StandingOrder lift(PauseTarget target) {
    return new StandingOrder(name(target), null);
  }

  /** Lifts a pause that has ended by itself; another one of this target stays. */
  static StandingOrder over(Pause pause) {
    return StandingOrder.over(name(pause.target()), text(pause));
  }

  private static String name(PauseTarget target) {
    return PREFIX
        + OrderFields.write(
            "application", target.application(),
            "namespace", target.namespace(),
            "taskname", target.taskname(),
            "topic", target.topic());
  }

  /**
   * The pause of this order; null if the order is about something else, such as what a later broker
   * orders.
   */
  static @Nullable Pause read(String name, String text) {
    if (!name.startsWith(PREFIX)) {
      return null;
    }
    Map<String, String> target = OrderFields.read(name.substring(PREFIX.length()));
    Map<String, String> words = OrderFields.read(text);
    String since = words.get("since");
    String until = words.get("until");
    try {
      return new Pause(
          new PauseTarget(
              target.get("application"),
              target.get("namespace"),
              target.get("taskname"),
              target.get("topic")),
          words.getOrDefault("by", ""),
          words.getOrDefault("reason", ""),
          since == null ? 0 : Long.parseLong(since),
          until == null ? null : Long.valueOf(until));
    } catch (IllegalArgumentException _) {
      return null; // not written by this version
    }
  }
}
