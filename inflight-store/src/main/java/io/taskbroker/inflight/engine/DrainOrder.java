package io.taskbroker.inflight.engine;

import io.taskbroker.domain.operator.Drain;
import io.taskbroker.domain.operator.Drain.OnEmpty;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The order to drain, if there is one: as it is in force, and as it is written. */
final class DrainOrder {
  private static final String NAME = "drain";

  private @Nullable Drain inForce;
  private @Nullable Drain settled;

  @Nullable Drain inForce() {
    return inForce;
  }

  void put(Drain drain) {
    inForce = drain;
  }

  /** Whether it was in force. */
  boolean end() {
    boolean was = inForce != null;
    inForce = null;
    return was;
  }

  /** Takes in the standing order, if it is this one. */
  void restore(String name, String text) {
    if (name.equals(NAME)) {
      inForce = read(OrderFields.read(text));
      settled = inForce;
    }
  }

  /** Null if it was not written by this version. */
  private static @Nullable Drain read(Map<String, String> words) {
    try {
      return new Drain(
          words.getOrDefault("by", ""),
          words.getOrDefault("reason", ""),
          Long.parseLong(words.getOrDefault("since", "0")),
          OnEmpty.valueOf(words.getOrDefault("on_empty", OnEmpty.STAY.name())));
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  /** What is not written yet; null almost always. */
  @Nullable StandingOrder change() {
    Drain drain = inForce;
    if (Objects.equals(drain, settled)) {
      return null;
    }
    return new StandingOrder(NAME, drain == null ? null : text(drain), StandingOrder.Reach.OWN);
  }

  private static String text(Drain drain) {
    return OrderFields.write(
        "by", drain.by(),
        "reason", drain.reason(),
        "since", Long.toString(drain.sinceMs()),
        "on_empty", drain.onEmpty().name());
  }

  void settle() {
    settled = inForce;
  }

  void undo() {
    inForce = settled;
  }
}
