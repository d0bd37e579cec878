package io.taskbroker.workload.ledger;

/** Why one attempt of a task was handed out more than once. */
public enum Repeat {
  /** The worker had not been heard within the deadline, so the broker had to assume the worst. */
  DEADLINE_PASSED("deadline_passed", Judgement.EXPLAINED),
  /** Kafka holds its record twice: the broker died between publishing it and noting that. */
  PUBLISHED_TWICE("published_twice", Judgement.EXPLAINED),
  /**
   * By another broker, which was sent its record again: the first one died before its offset was
   * committed.
   */
  BY_ANOTHER_BROKER("by_another_broker", Judgement.EXPLAINED),
  /** The task must not run twice, whatever happens. */
  AT_MOST_ONCE("at_most_once", Judgement.UNEXPLAINED),
  /** The broker had acknowledged the report about it. */
  AFTER_ITS_REPORT("after_its_report", Judgement.UNEXPLAINED),
  /** Its worker still had time. */
  BEFORE_ITS_DEADLINE("before_its_deadline", Judgement.UNEXPLAINED),
  /** Under another id: one failure made two retries. */
  TWO_RETRIES("two_retries", Judgement.UNEXPLAINED);

  private enum Judgement {
    EXPLAINED,
    UNEXPLAINED
  }

  private final String text;
  private final Judgement judgement;

  Repeat(String text, Judgement judgement) {
    this.text = text;
    this.judgement = judgement;
  }

  /** Whether a broker that hands out at least once may do this. */
  public boolean isExplained() {
    return judgement == Judgement.EXPLAINED;
  }

  @Override
  public String toString() {
    return text;
  }
}
