package io.taskbroker.inflight;

import io.taskbroker.domain.Moment;
import io.taskbroker.inflight.Custody.Silent;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * When this broker has beaten last, and so what it may take for granted. Told by the beating
 * thread, asked by all.
 */
final class Pulse {
  /** Between two beats. */
  static final Duration INTERVAL = Duration.ofSeconds(2);

  /** After this time without a beat nothing is sent any more: others may depose us soon. */
  static final Duration LATE = Duration.ofSeconds(8);

  /** Beats that follow each other within this time have no gap between them. */
  private static final Duration LONGEST_GAP = Duration.ofSeconds(5);

  /** After this time without a beat others are to read what this broker reads. */
  static final Duration CUT_OFF = Duration.ofSeconds(30);

  private final Moment start;

  /** When the last beat began that was taken. */
  private volatile @Nullable Moment last;

  private volatile @Nullable Moment gaplessSince;
  private volatile List<Silent> silent = List.of();

  Pulse(Moment start) {
    this.start = start;
  }

  /** A beat that began then was taken. */
  void beaten(Moment began, List<Silent> found) {
    Moment before = last;
    if (before == null || began.since(before).compareTo(LONGEST_GAP) > 0) {
      gaplessSince = began;
    }
    silent = found;
    last = began;
  }

  /** Whether others may take us for dead, now or soon. */
  boolean isLate(Moment now) {
    Moment beat = last;
    return beat == null || now.since(beat).compareTo(LATE) >= 0;
  }

  /** Whether the journal has not been reached for long. */
  boolean isCutOff(Moment now) {
    Moment beat = last;
    return now.since(beat == null ? start : beat).compareTo(CUT_OFF) >= 0;
  }

  /**
   * Brokers to depose. After an outage of the journal all beats are old, so we judge nobody before
   * we have been heard ourselves for as long.
   */
  List<Silent> toDepose(Moment now) {
    Moment since = gaplessSince;
    boolean mayJudge =
        since != null && !isLate(now) && now.since(since).compareTo(Custody.SILENCE) >= 0;
    return mayJudge ? silent : List.of();
  }
}
