package io.taskbroker.application.intake;

import io.taskbroker.application.rules.Latecomers;
import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;

/** Judges what arrives from one topic. Safe for all threads. */
final class RecordRules {
  private final String topic;
  private final Rulebook rulebook;
  private final Latecomers latecomers;

  RecordRules(String topic, Rulebook rulebook, Latecomers latecomers) {
    this.topic = topic;
    this.rulebook = rulebook;
    this.latecomers = latecomers;
  }

  /** What the demotion rules say. */
  enum Demoted {
    NO,
    YES,
    /** Its namespace is demoted, but the topic it would go to is the one it came from. */
    SKIPPED
  }

  Rules inForce() {
    return rulebook.rules().current();
  }

  KillSwitch.Match killed(KillSwitch by, Activation activation, byte[] payload) {
    return by.judge(activation.taskname(), () -> rulebook.arguments().read(payload));
  }

  /** To be called when rows of this batch are in the store, or may be. */
  void stored(Batch batch) {
    if (!batch.isJudgedBy(inForce().killSwitch())) {
      latecomers.note();
    }
  }

  Demoted demoted(Demotion demotion, Activation activation) {
    if (!demotion.namespaces().contains(activation.namespace())) {
      return Demoted.NO;
    }
    return rulebook.demotion().topic(demotion).equals(topic) ? Demoted.SKIPPED : Demoted.YES;
  }
}
