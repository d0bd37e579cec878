package io.taskbroker.domain;

/** The ways out of the broker through Kafka. Each goes to one topic and waits for that alone. */
public enum Lane {
  RETRY("retry"),
  DEAD_LETTER("dead-letter"),
  DEMOTION("demotion");

  private final String text;

  Lane(String text) {
    this.text = text;
  }

  /** The lane's name, for threads and logs. */
  public String text() {
    return text;
  }
}
