package io.taskbroker.workload.ledger;

import io.taskbroker.proto.v1.TaskActivation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Collects what must not happen to an activation. Safe for all threads. */
final class Complaints {
  /** Texts about one ledger; more would only say the same. */
  static final int KEPT = 20;

  /** From the broker's decision until the worker looks at its clock. */
  private static final Duration ON_THE_WAY = Duration.ofSeconds(2);

  private final List<String> texts = new CopyOnWriteArrayList<>();

  void aboutHandout(TaskKind kind, TaskActivation activation) {
    aboutName(kind, activation);
    Instant now = Instant.now();
    Instant received = receivedAt(activation);
    if (activation.hasDelay() && now.isBefore(received.plusSeconds(activation.getDelay()))) {
      add(activation, "was handed out before its delay was over");
    }
    if (activation.hasExpires()
        && now.isAfter(received.plusSeconds(activation.getExpires()).plus(ON_THE_WAY))) {
      add(activation, "was handed out though it had expired");
    }
  }

  void aboutName(TaskKind kind, TaskActivation activation) {
    if (!kind.taskname().equals(activation.getTaskname())) {
      add(
          activation,
          "is called '" + activation.getTaskname() + "', was '" + kind.taskname() + "'");
    }
  }

  void aboutDeadLetter(TaskKind kind, TaskActivation activation) {
    aboutName(kind, activation);
    if (kind.ending() != Ending.DEAD_LETTER) {
      add(activation, "is on the dead-letter topic, was meant to end with " + kind.ending());
    }
  }

  List<String> texts() {
    return List.copyOf(texts);
  }

  private void add(TaskActivation activation, String what) {
    if (texts.size() < KEPT) {
      texts.add("activation " + activation.getId() + " " + what);
    }
  }

  private static Instant receivedAt(TaskActivation activation) {
    return Instant.ofEpochSecond(
        activation.getReceivedAt().getSeconds(), activation.getReceivedAt().getNanos());
  }
}
