package io.taskbroker.proving.powercut;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the power at moments of a record, again and again, and judges each time what is left.
 *
 * <p>A task whose offset was committed before the cut must be there, unless a worker had begun to
 * report it: what is finished may be gone. A report may be forgotten, so a task that was reported
 * may be there still. An at-most-once task that a worker had may be in no state from which it is
 * handed out.
 */
public final class PowerCuts {
  private final Path record;
  private final String store;
  private final List<Task> tasks;
  private final RecordWitness witness;
  private final long seed;
  private final long[] ends;

  /** Lengths of the record at which a commit became known. */
  private final List<Long> commits;

  /** Lengths of the record at which a worker was given an at-most-once task. */
  private final List<Long> handouts;

  /** A task by its place in the topic. */
  public record Task(String id, boolean atMostOnce) {}

  /**
   * What one power cut did wrong.
   *
   * @param number of the cut
   * @param text what, for people
   */
  public record Finding(int number, String text) {}

  private record Cut(int number, int entry) {}

  /**
   * @param record ended
   * @param store name of the database in its folder
   * @param tasks of the only partition, from its first offset on
   */
  public PowerCuts(Path record, String store, List<Task> tasks, RecordWitness witness, long seed) {
    this.record = record;
    this.store = store;
    this.tasks = List.copyOf(tasks);
    this.witness = witness;
    this.seed = seed;
    this.ends = Recording.ends(record);
    this.commits = witness.commits();
    this.handouts =
        this.tasks.stream()
            .filter(Task::atMostOnce)
            .flatMap(task -> Stream.ofNullable(witness.handedOutAt(task.id())))
            .toList();
  }

  /** Entries in the record. */
  public int entries() {
    return ends.length;
  }

  /**
   * Cuts so many times.
   *
   * @param folder for the files of one cut at a time
   * @return what was wrong, at most one thing for each cut, in the order of their numbers
   */
  public List<Finding> play(int cuts, Path folder) {
    return play(cuts, folder, _ -> true);
  }

  /**
   * The same on a disk that ignores the syncs by some thread, which must be noticed.
   *
   * @param thread by which the broker syncs, at most 15 characters
   */
  public List<Finding> playWithoutSyncsBy(String thread, int cuts, Path folder) {
    return play(cuts, folder, sync -> !sync.thread().equals(thread));
  }

  /** What a power cut at the very end of the record leaves. */
  public void leaveLast(Path folder) {
    Disk disk = new Disk(_ -> true);
    try (var recording = new Recording(record)) {
      for (Entry entry = recording.next(); entry != null; entry = recording.next()) {
        disk.apply(entry);
      }
    }
    disk.leave(Disk.emptied(folder), new SplittableRandom(seed));
  }

  private List<Finding> play(int count, Path folder, Predicate<Entry> honoursSync) {
    List<Cut> cuts =
        IntStream.range(0, count)
            .mapToObj(number -> new Cut(number, entryOf(number)))
            .sorted(Comparator.comparingInt(Cut::entry))
            .toList();
    List<Finding> findings = new ArrayList<>();
    Disk disk = new Disk(honoursSync);
    int applied = 0;
    try (var recording = new Recording(record)) {
      for (Cut cut : cuts) {
        for (; applied <= cut.entry(); applied++) {
          disk.apply(present(recording.next()));
        }
        disk.leave(Disk.emptied(folder), randomOf(cut.number()));
        judge(Leftover.read(folder.resolve(store)), ends[cut.entry()])
            .ifPresent(
                what ->
                    findings.add(
                        new Finding(
                            cut.number(),
                            "cut %d, after entry %d of %d: %s"
                                .formatted(cut.number(), cut.entry(), ends.length, what))));
      }
    }
    findings.sort(Comparator.comparingInt(Finding::number));
    return findings;
  }

  private static Entry present(@Nullable Entry entry) {
    if (entry == null) {
      throw new IllegalStateException("the record has become shorter");
    }
    return entry;
  }

  /** Neighbours have nothing in common: what they draw first differs, too. */
  private RandomGenerator randomOf(int number) {
    return new SplittableRandom(seed * 31 + number);
  }

  /**
   * Every other cut falls anywhere, the rest in turns just after a commit or a hand-out that a
   * power cut must not undo had become known.
   */
  private int entryOf(int number) {
    RandomGenerator random = randomOf(~number);
    List<Long> moments = number % 4 == 1 ? commits : handouts;
    if (number % 2 == 0 || moments.isEmpty()) {
      return random.nextInt(ends.length);
    }
    int found = Arrays.binarySearch(ends, moments.get(random.nextInt(moments.size())));
    return Math.min(found < 0 ? -found - 1 : found, ends.length - 1);
  }

  private Optional<String> judge(Leftover left, long length) {
    if (!left.defect().isEmpty()) {
      return Optional.of("the file " + left.defect());
    }
    int committed = (int) Math.min(witness.committedAt(length), tasks.size());
    for (int offset = 0; offset < tasks.size(); offset++) {
      Task task = tasks.get(offset);
      boolean handedOut = witness.wasHandedOutAt(task.id(), length);
      if (task.atMostOnce() && handedOut && left.mayBeClaimed(task.id())) {
        return Optional.of("at-most-once task %s ran and may run again".formatted(task.id()));
      }
      boolean mustBeThere = offset < committed || (task.atMostOnce() && handedOut);
      if (mustBeThere
          && !left.holdsUnfinished(task.id())
          && !witness.mayBeReportedAt(task.id(), length)) {
        return Optional.of(
            "task %s is lost: its offset %d was committed (%d), and nobody had reported it"
                .formatted(task.id(), offset, committed));
      }
    }
    return Optional.empty();
  }
}
