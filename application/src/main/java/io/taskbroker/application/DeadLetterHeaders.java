package io.taskbroker.application;

/**
 * Headers of a record in the dead-letter topic. Texts are UTF-8, numbers are decimal digits, times
 * are Unix milliseconds.
 */
public final class DeadLetterHeaders {
  /** Why it is here, in words. A record that bears it was dead-lettered once already. */
  public static final String REASON = "taskbroker-reason";

  /** How often workers were given the task, its earlier retries included, as far as is known. */
  public static final String ATTEMPTS = "taskbroker-attempts";

  /** When the task, or its latest retry, was produced. */
  public static final String FIRST_TIME = "taskbroker-first-time";

  /** When it was given up. */
  public static final String LAST_TIME = "taskbroker-last-time";

  /** What was said last about what went wrong; only where somebody has said something. */
  public static final String LAST_ERROR = "taskbroker-last-error";

  /** Where the record came from. */
  public static final String SOURCE_TOPIC = "taskbroker-source-topic";

  public static final String SOURCE_PARTITION = "taskbroker-source-partition";
  public static final String SOURCE_OFFSET = "taskbroker-source-offset";

  /** Kafka's timestamp of the source record; only of a record that is no task. */
  public static final String SOURCE_TIMESTAMP = "taskbroker-source-timestamp";

  /** Of a task that was sent again: where its dead letter lies. The only one that it bears. */
  public static final String REQUEUED_FROM = "taskbroker-requeued-from";

  private DeadLetterHeaders() {}
}
