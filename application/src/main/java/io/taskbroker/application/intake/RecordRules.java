package io.taskbroker.application.intake;

import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;

/** Judges what arrives from one topic. Safe for all threads. */
final class RecordRules {
  private final String topic;
  private final Rulebook rulebook;

  RecordRules(String topic, Rulebook rulebook) {
    this.topic = topic;
    this.rulebook = rulebook;
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
    return by.judge(activation.taskname(), wanted -> rulebook.arguments().read(payload, wanted));
  }

  Demoted demoted(Demotion demotion, Activation activation) {
    if (!demotion.namespaces().contains(activation.namespace())) {
      return Demoted.NO;
    }
    return rulebook.demotion().topic(demotion).equals(topic) ? Demoted.SKIPPED : Demoted.YES;
  }
}
