package io.taskbroker.adapters.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A journal on a real file system that has too little room, or none. */
@Timeout(300)
class FullDiskTest {
  @TempDir Path folder;

  @BeforeAll
  static void needsASmallDisk() {
    assumeTrue(SmallDisk.isAllowed(), "needs a system that lets its users mount file systems");
  }

  @Test
  void onADiskSmallerThanALongLog_theLogIsCopiedWhileThereIsRoomForIt() throws IOException {
    assertThat(play(8, "outgrow")).contains("refused 0", "stored 1000");
  }

  @Test
  void whileAnotherProgramHasTheRoom_reportsAreTakenAndBatchesAreNot_andThenAllGoesOn()
      throws IOException {
    List<String> said = play(32, "squeeze");

    assertThat(said)
        .contains("some reports true", "many lines false", "never copied true")
        .contains("refused 0", "stored 3000")
        .anySatisfy(line -> assertThat(line).startsWith("batch ").contains("Free space on"));
  }

  @Test
  void spaceThatIsGivenBackWhileTheDiskIsFull_takesNoRoomFromReports() throws IOException {
    assertThat(play(32, "reclaim"))
        .contains("less room false", "some reports true", "refused 0", "stored 1000");
  }

  @Test
  void whatFinishedTasksHaveLeft_staysWhileTheDiskIsFull() throws IOException {
    assertThat(play(32, "tidy")).contains("less room false");
  }

  @Test
  void aReaderThatKeepsTheLogUntilTheDiskIsFull_isOutlived() throws IOException {
    assertThat(play(12, "read")).contains("some groups true", "refused 0");
  }

  @Test
  void aStoreOfThisVersionIsOpenedThoughTheDiskIsFull() throws IOException {
    assertThat(play(24, "open")).contains("opened true");
  }

  @ParameterizedTest
  @ValueSource(strings = {"upgrade", "import"})
  void aStartOnAFullDiskEndsInAClearLine_andTheNextOneSucceeds(String start) throws IOException {
    List<String> said = play(24, start);

    assertThat(said)
        .anySatisfy(line -> assertThat(line).startsWith("told ").contains("full", "store.sqlite"))
        .contains("draft false")
        .anySatisfy(line -> assertThat(line).startsWith("stored "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"backup", "export", "salvage"})
  void aToolThatFillsTheDiskLeavesNothingBehind_andSaysWhy(String tool) throws IOException {
    List<String> said = play(8, tool);

    assertThat(said)
        .anySatisfy(line -> assertThat(line).startsWith("told ").contains("full", "out.sqlite"))
        .containsSubsequence("out false", "out true", "stored 1000");
  }

  private List<String> play(int megabytes, String name) throws IOException {
    return new SmallDisk(folder).run(megabytes, FullDiskPlays.class, name);
  }
}
