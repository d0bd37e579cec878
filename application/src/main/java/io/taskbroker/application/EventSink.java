package io.taskbroker.application;

import io.taskbroker.domain.TimeSource;

/**
 * Counts the events of one job. It is called on the job's own threads, by several of them at once:
 * it is quick, and it never blocks.
 *
 * @param <E> the sealed type of the job's events
 */
@FunctionalInterface
public interface EventSink<E> {
  /** Counts one event. Does not keep it. */
  void count(E event);

  /** A sink that counts nothing. */
  static <E> EventSink<E> none() {
    return _ -> {};
  }

  /**
   * A sink that passes each event on to {@code sink}, and throws nothing. What {@code sink} throws
   * is logged, once a minute at most.
   *
   * @param job whose events these are, for the log
   */
  static <E> EventSink<E> careful(String job, EventSink<E> sink, TimeSource time) {
    Defects faults = Defects.ofCounting(job, time);
    return event -> {
      try {
        sink.count(event);
      } catch (RuntimeException | Error e) {
        faults.accept(e);
      }
    };
  }
}
