package io.taskbroker.proving.powercut;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Predicate;

/** Cuts the power after each entry of a short record, and has what is left judged. */
public final class EveryCut {
  /** What survives is drawn so often for each entry. */
  private static final int DRAWS = 3;

  private final Path record;
  private final int from;
  private final long seed;

  /**
   * @param record ended
   * @param from so many entries are history: nothing is cut there, and all syncs are honoured
   */
  public EveryCut(Path record, int from, long seed) {
    this.record = record;
    this.from = from;
    this.seed = seed;
  }

  /** How many entries a record has so far. */
  public static int entries(Path record) {
    return Recording.ends(record).length;
  }

  /**
   * @param folder for the files of one cut at a time
   * @param judge what is wrong with the files in a folder; empty if nothing is
   * @return what was wrong, and where
   */
  public List<String> play(Path folder, Function<Path, Optional<String>> judge) {
    return play(folder, judge, _ -> true);
  }

  /** The same on a disk that ignores syncs of data, which must be noticed. */
  public List<String> playWithoutSyncs(Path folder, Function<Path, Optional<String>> judge) {
    return play(folder, judge, sync -> sync.inode() == 0 || sync.number() < from);
  }

  private List<String> play(
      Path folder, Function<Path, Optional<String>> judge, Predicate<Entry> honoursSync) {
    List<String> findings = new ArrayList<>();
    Disk disk = new Disk(honoursSync);
    try (var recording = new Recording(record)) {
      int number = 0;
      for (Entry entry = recording.next(); entry != null; entry = recording.next()) {
        disk.apply(entry);
        number++;
        for (int draw = 0; number >= from && draw < DRAWS; draw++) {
          disk.leave(
              Disk.emptied(folder), new SplittableRandom((seed * 31 + number) * DRAWS + draw));
          String where = "cut after entry %d of kind %c: ".formatted(number, entry.kind());
          judge.apply(folder).ifPresent(what -> findings.add(where + what));
        }
      }
    }
    return findings;
  }
}
