package io.taskbroker.domain;

/** The name of an {@link ActivationState}, for counting and for what other programs read. */
public enum Status {
  DELAY("Delay"),
  PENDING("Pending"),
  CLAIMED("Claimed"),
  PROCESSING("Processing"),
  RETRY("Retry"),
  FAILURE("Failure"),
  COMPLETE("Complete");

  private final String text;

  Status(String text) {
    this.text = text;
  }

  /** The spelling that external readers of the store know. */
  public String text() {
    return text;
  }
}
