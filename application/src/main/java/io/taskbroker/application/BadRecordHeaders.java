package io.taskbroker.application;

/** Headers of a record in the dead-letter topic that could not be taken as a task. */
public final class BadRecordHeaders {
  /** Why it is no task, in words. A record that bears it was dead-lettered once already. */
  public static final String REASON = "taskbroker-reason";

  public static final String SOURCE_TOPIC = "taskbroker-source-topic";
  public static final String SOURCE_PARTITION = "taskbroker-source-partition";
  public static final String SOURCE_OFFSET = "taskbroker-source-offset";

  /** Unix milliseconds. */
  public static final String SOURCE_TIMESTAMP = "taskbroker-source-timestamp";

  private BadRecordHeaders() {}
}
