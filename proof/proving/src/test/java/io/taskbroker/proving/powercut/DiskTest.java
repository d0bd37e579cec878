package io.taskbroker.proving.powercut;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskTest {
  private static final int CUTS = 100;
  private static final long FILE = 7;
  private static final long OTHER = 8;
  private static final long FOLDER = 0;

  @TempDir Path folder;

  private final Disk disk = new Disk(sync -> !sync.thread().equals("liar"));
  private long entries;

  @Test
  void keepsWhatIsSynced() throws IOException {
    createSynced("a", FILE);
    write(FILE, 0, "old!");
    sync(FILE);
    write(FILE, 4, "more");
    sync(FILE);

    assertThat(leftOf("a")).containsExactly("old!more");
  }

  @Test
  void keepsOrLosesWhatIsNot() throws IOException {
    createSynced("a", FILE);
    write(FILE, 0, "old");
    sync(FILE);
    write(FILE, 0, "new");

    assertThat(leftOf("a")).containsExactlyInAnyOrder("old", "new");
  }

  @Test
  void losesEachWriteByItself() throws IOException {
    createSynced("a", FILE);
    write(FILE, 0, "..");
    sync(FILE);
    write(FILE, 0, "1");
    write(FILE, 1, "2");

    assertThat(leftOf("a")).containsExactlyInAnyOrder("..", "1.", ".2", "12");
  }

  @Test
  void tearsAWriteAtTheBordersOfSectors() throws IOException {
    createSynced("a", FILE);
    write(FILE, 0, ".".repeat(1_024));
    sync(FILE);
    write(FILE, 500, "x".repeat(24));

    String before = ".".repeat(500);
    String after = ".".repeat(500);
    assertThat(leftOf("a"))
        .containsExactlyInAnyOrder(
            before + ".".repeat(24) + after,
            before + "x".repeat(24) + after,
            before + "x".repeat(12) + ".".repeat(12) + after,
            before + ".".repeat(12) + "x".repeat(12) + after);
  }

  @Test
  void reliesOnNoSyncForWhatIsWrittenWhileItRuns() throws IOException {
    createSynced("a", FILE);
    write(FILE, 0, "a");
    long begun = begin(FILE);
    write(FILE, 1, "b");
    end(FILE, begun, "writer");

    assertThat(leftOf("a")).containsExactlyInAnyOrder("a", "ab");
  }

  @Test
  void reliesOnNoSyncOfAnotherFileOrOfALiar() throws IOException {
    createSynced("a", FILE);
    createSynced("b", OTHER);
    write(FILE, 0, "a");
    sync(OTHER);
    end(FILE, begin(FILE), "liar");

    assertThat(leftOf("a")).containsExactlyInAnyOrder("", "a");
  }

  @Test
  void cutsAFileOrNot() throws IOException {
    createSynced("a", FILE);
    write(FILE, 0, "long");
    sync(FILE);
    put(Entry.CUT, FILE, 1, "");

    assertThat(leftOf("a")).containsExactlyInAnyOrder("long", "l");
    sync(FILE);
    assertThat(leftOf("a")).containsExactly("l");
  }

  @Test
  void keepsANameOnceTheFolderIsSynced() throws IOException {
    put(Entry.CREATED, FILE, 0, "/store/draft");
    write(FILE, 0, "whole");
    sync(FILE);

    assertThat(leftOf("draft")).containsExactlyInAnyOrder("whole", "(none)");
    sync(FOLDER);
    put(Entry.RENAMED, 0, 0, "/store/draft\0/store/a");
    assertThat(leftOf("a")).containsExactlyInAnyOrder("whole", "(none)");
    sync(FOLDER);
    assertThat(leftOf("a")).containsExactly("whole");
    assertThat(leftOf("draft")).containsExactly("(none)");
    put(Entry.REMOVED, 0, 0, "/store/a");
    assertThat(leftOf("a")).containsExactlyInAnyOrder("whole", "(none)");
  }

  @Test
  void keepsASecondNameOnceTheFolderIsSynced() throws IOException {
    createSynced("a", FILE);
    write(FILE, 0, "whole");
    sync(FILE);
    put(Entry.LINKED, 0, 0, "/store/a\0/store/b");

    assertThat(leftOf("b")).containsExactlyInAnyOrder("whole", "(none)");
    sync(FOLDER);
    put(Entry.REMOVED, 0, 0, "/store/a");
    sync(FOLDER);
    assertThat(leftOf("b")).containsExactly("whole");
  }

  @Test
  void doesTheSameForTheSameSeed() throws IOException {
    createSynced("a", FILE);
    for (int i = 0; i < 100; i++) {
      write(FILE, i, "x");
    }

    assertThat(left("a", 3)).isEqualTo(left("a", 3)).isNotEqualTo(left("a", 6));
  }

  @Test
  void refusesARecordThatTellsTooLittle() {
    assertThatThrownBy(() -> put('X', 0, 0, "a mapping"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a mapping");
    assertThatThrownBy(() -> write(OTHER, 0, "x"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("creation of file 8");
  }

  private void createSynced(String name, long inode) {
    put(Entry.CREATED, inode, 0, "/store/" + name);
    sync(FOLDER);
  }

  private void write(long inode, long offset, String text) {
    put(Entry.WRITTEN, inode, offset, text);
  }

  private void sync(long inode) {
    end(inode, begin(inode), "writer");
  }

  private long begin(long inode) {
    return put(Entry.SYNC_BEGUN, inode, 0, "");
  }

  private void end(long inode, long begun, String thread) {
    entries++;
    disk.apply(new Entry(Entry.SYNC_ENDED, inode, begun, thread, new byte[0]));
  }

  private long put(char kind, long inode, long number, String data) {
    disk.apply(new Entry(kind, inode, number, "writer", data.getBytes(UTF_8)));
    return entries++;
  }

  /** All that many cuts leave of a file. */
  private Set<String> leftOf(String name) throws IOException {
    Set<String> contents = new TreeSet<>();
    for (int seed = 0; seed < CUTS; seed++) {
      contents.add(left(name, seed));
    }
    return contents;
  }

  private String left(String name, long seed) throws IOException {
    Path cut = Disk.emptied(folder.resolve("cut"));
    disk.leave(cut, new Random(seed));
    Path file = cut.resolve(name);
    return Files.exists(file) ? Files.readString(file) : "(none)";
  }
}
