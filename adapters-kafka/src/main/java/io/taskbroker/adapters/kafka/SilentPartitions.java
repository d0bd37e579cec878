package io.taskbroker.adapters.kafka;

import io.taskbroker.adapters.kafka.PartitionLines.Cause;
import io.taskbroker.domain.Moment;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Explains partitions of which nothing comes although there is more: one without a leader, one
 * whose leader cannot be reached, and one that Kafka or its client passes over.
 *
 * <p>A partition that is being read costs nothing here. Of those that are silent for a while, Kafka
 * is asked now and then, in one question for all, beside the thread that reads. Time in which this
 * broker does not ask for records (back-pressure, a hand-over) does not count, nor does time in
 * which records that have come already wait to be read.
 *
 * <p>Used by one thread at a time; nothing here waits.
 */
final class SilentPartitions implements AutoCloseable {
  private static final Duration BETWEEN_QUESTIONS = Duration.ofSeconds(3);

  /** A look that comes later counts for no more: this process stood still. */
  private static final Duration LONGEST_STEP = Duration.ofSeconds(2);

  private final PartitionLines lines;
  private final Questions questions;
  private final Map<Integer, Silence> silences = new HashMap<>();
  private @Nullable Moment lastLook;
  private @Nullable Moment lastQuestion;

  /** Asks Kafka, beside the thread that reads. */
  interface Questions extends AutoCloseable {
    /**
     * Begins a question. Does not wait.
     *
     * @param positions of the partitions; -1 where it is not known
     * @return false if another one is still open; nothing is asked then
     */
    boolean ask(Map<Integer, Long> positions, Moment now);

    /** The answer that has come since the last call; null if there is none. */
    @Nullable Answer take();

    /** Cuts an open question short. */
    @Override
    void close();
  }

  /**
   * @param askedAt when the question was put
   * @param partitions what Kafka said of them; what is not known is left out
   */
  record Answer(Moment askedAt, Map<Integer, PartitionAnswer> partitions) {}

  SilentPartitions(PartitionLines lines, Questions questions) {
    this.lines = lines;
    this.questions = questions;
  }

  /**
   * To be called about once a second.
   *
   * @param readings of all partitions of this broker's share
   * @param answers with records that each node of Kafka has given so far
   */
  void look(Map<Integer, PartitionReading> readings, Map<String, Long> answers, Moment now) {
    giveUpAllBut(readings.keySet());
    readings.forEach((partition, reading) -> listen(partition, reading, now));
    Answer answer = questions.take();
    if (answer != null) {
      answer.partitions().forEach((partition, said) -> judge(partition, said, answer, answers));
    }
    measure(readings, answers, step(now));
    ask(now);
  }

  private void listen(Integer partition, PartitionReading reading, Moment now) {
    Silence known = silences.get(partition);
    if (known == null || !known.isAt(reading.position())) {
      ended(partition);
      silences.put(partition, new Silence(reading.position(), now));
    }
  }

  private void judge(
      Integer partition, PartitionAnswer said, Answer answer, Map<String, Long> answers) {
    Silence silence = silences.get(partition);
    if (silence != null) {
      silence.judge(said, answer.askedAt(), answers);
    }
  }

  private void measure(
      Map<Integer, PartitionReading> readings, Map<String, Long> answers, Duration step) {
    boolean areOthersWaiting =
        readings.values().stream().anyMatch(reading -> reading.waitingBytes() > 0);
    silences.forEach(
        (partition, silence) -> {
          PartitionReading reading = readings.get(partition);
          boolean hadItsTurn = !areOthersWaiting || silence.turns(answers) > readings.size();
          if (reading != null && reading.isAskedFor() && (hadItsTurn || !silence.isLong())) {
            silence.lasts(step);
          }
          if (silence.isToBeSaid()) {
            lines.begin(partition, Cause.SILENCE, silence.words(partition, lines));
          } else {
            lines.end(partition, Cause.SILENCE);
          }
        });
  }

  private Duration step(Moment now) {
    Moment before = lastLook;
    lastLook = now;
    Duration step = before == null ? Duration.ZERO : now.since(before);
    return step.compareTo(LONGEST_STEP) > 0 ? LONGEST_STEP : step;
  }

  private void ask(Moment now) {
    Moment last = lastQuestion;
    if (last != null && now.isBefore(last.plus(BETWEEN_QUESTIONS))) {
      return;
    }
    Map<Integer, Silence> silent = new TreeMap<>(silences);
    silent.values().removeIf(silence -> !silence.isLong());
    Map<Integer, Long> positions = new TreeMap<>();
    silent.forEach((partition, silence) -> positions.put(partition, silence.position()));
    if (!silent.isEmpty() && questions.ask(positions, now)) {
      lastQuestion = now;
      silent.values().forEach(Silence::asked);
    }
  }

  private void giveUpAllBut(Set<Integer> ours) {
    for (Integer partition : Set.copyOf(silences.keySet())) {
      if (!ours.contains(partition)) {
        silences.remove(partition);
        lines.abandon(partition);
      }
    }
  }

  private void ended(Integer partition) {
    silences.remove(partition);
    lines.end(partition, Cause.SILENCE);
  }

  /** All is forgotten, without a line. */
  void forget() {
    silences.clear();
    lastLook = null;
  }

  @Override
  public void close() {
    questions.close();
  }
}
