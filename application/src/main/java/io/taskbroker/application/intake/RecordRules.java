package io.taskbroker.application.intake;

import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;

/** Judges what arrives from one topic by the rules in force at that moment. */
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

  boolean hasKillSwitch() {
    return !rulebook.rules().current().killSwitch().isOff();
  }

  KillSwitch.Match killed(Activation activation, byte[] payload) {
    return rulebook
        .rules()
        .current()
        .killSwitch()
        .judge(activation.taskname(), () -> rulebook.arguments().read(payload));
  }

  Demoted demoted(Activation activation) {
    Demotion demotion = rulebook.rules().current().demotion();
    if (!demotion.namespaces().contains(activation.namespace())) {
      return Demoted.NO;
    }
    return rulebook.demotion().topic(demotion).equals(topic) ? Demoted.SKIPPED : Demoted.YES;
  }
}
