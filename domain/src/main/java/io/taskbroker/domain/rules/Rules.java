package io.taskbroker.domain.rules;

/** All rules that are in force at one moment. */
public record Rules(KillSwitch killSwitch, Demotion demotion) {
  public static final Rules NONE = new Rules(KillSwitch.OFF, Demotion.NONE);
}
