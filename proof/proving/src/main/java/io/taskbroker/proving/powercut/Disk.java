package io.taskbroker.proving.powercut;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * A folder as a disk has it, fed with a record entry by entry.
 *
 * <p>It promises no more than POSIX does. Data lasts once a sync of its file has succeeded that
 * began after it was written; a name once the folder was synced. Of what is not synced each write
 * and each cut survives by itself, in part or not at all, whatever came before or after it. Names
 * alone keep their order, as file systems log them. A file with two names is left as two files.
 */
final class Disk {
  private final Predicate<Entry> honoursSync;
  private final Map<Long, DiskFile> byInode = new HashMap<>();
  private final Map<String, DiskFile> syncedNames = new HashMap<>();
  private final Deque<NameChange> unsyncedNames = new ArrayDeque<>();
  private long entries;

  private sealed interface NameChange {
    long entry();

    record Created(long entry, String name, DiskFile file) implements NameChange {}

    record Renamed(long entry, String from, String to) implements NameChange {}

    record Linked(long entry, String from, String to) implements NameChange {}

    record Removed(long entry, String name) implements NameChange {}
  }

  /**
   * @param honoursSync a disk that lies about some syncs says false for their ends
   */
  Disk(Predicate<Entry> honoursSync) {
    this.honoursSync = honoursSync;
  }

  /**
   * @throws IllegalStateException if the record does not tell enough
   */
  void apply(Entry entry) {
    long number = entries++;
    switch (entry.kind()) {
      case Entry.CREATED -> {
        DiskFile file = new DiskFile();
        byInode.put(entry.inode(), file);
        unsyncedNames.add(new NameChange.Created(number, entry.name(), file));
      }
      case Entry.RENAMED ->
          unsyncedNames.add(new NameChange.Renamed(number, entry.name(), entry.newName()));
      case Entry.LINKED ->
          unsyncedNames.add(new NameChange.Linked(number, entry.name(), entry.newName()));
      case Entry.REMOVED -> unsyncedNames.add(new NameChange.Removed(number, entry.name()));
      case Entry.WRITTEN -> file(entry).write(number, entry.number(), entry.data());
      case Entry.CUT -> file(entry).cut(number, entry.number());
      case Entry.SYNC_BEGUN -> {}
      case Entry.SYNC_ENDED -> {
        if (honoursSync.test(entry)) {
          synced(entry);
        }
      }
      default ->
          throw new IllegalStateException(
              "the record lacks what happened at entry %d: %s"
                  .formatted(number, new String(entry.data(), StandardCharsets.UTF_8)));
    }
  }

  private void synced(Entry end) {
    if (end.inode() != 0) {
      file(end).syncedFrom(end.number());
      return;
    }
    while (!unsyncedNames.isEmpty() && unsyncedNames.getFirst().entry() < end.number()) {
      change(syncedNames, unsyncedNames.removeFirst());
    }
  }

  private DiskFile file(Entry entry) {
    DiskFile file = byInode.get(entry.inode());
    if (file == null) {
      throw new IllegalStateException("the record lacks the creation of file " + entry.inode());
    }
    return file;
  }

  private static void change(Map<String, DiskFile> names, NameChange change) {
    switch (change) {
      case NameChange.Created(_, String name, DiskFile file) -> names.put(name, file);
      case NameChange.Removed(_, String name) -> names.remove(name);
      case NameChange.Linked(_, String from, String to) -> {
        DiskFile file = names.get(from);
        if (file != null) {
          names.put(to, file);
        }
      }
      case NameChange.Renamed(_, String from, String to) -> {
        DiskFile file = names.remove(from);
        if (file != null) {
          names.put(to, file);
        }
      }
    }
  }

  /**
   * Writes what is there after a power cut at this moment.
   *
   * @param folder exists and is empty
   * @param random decides what survives: nothing that is not synced, all of it, or each with a
   *     chance that differs from file to file
   */
  void leave(Path folder, RandomGenerator random) {
    int mood = random.nextInt(4);
    Map<String, DiskFile> names = new TreeMap<>(syncedNames); // so that a seed means one thing
    int kept =
        switch (mood) {
          case 0 -> 0;
          case 1 -> unsyncedNames.size();
          default -> random.nextInt(unsyncedNames.size() + 1);
        };
    unsyncedNames.stream().limit(kept).forEach(change -> change(names, change));
    names.forEach(
        (name, file) -> {
          double chance =
              switch (mood) {
                case 0 -> 0;
                case 1 -> 1;
                default -> random.nextDouble();
              };
          leave(folder.resolve(name), file, random, chance);
        });
  }

  private static void leave(Path path, DiskFile content, RandomGenerator random, double chance) {
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      content.leave(file, random, chance);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + path, e);
    }
  }

  /** A folder whose files are all gone, for the next cut. */
  static Path emptied(Path folder) {
    try {
      Files.createDirectories(folder);
      try (var files = Files.newDirectoryStream(folder)) {
        for (Path file : files) {
          Files.delete(file);
        }
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot empty " + folder, e);
    }
  }
}
