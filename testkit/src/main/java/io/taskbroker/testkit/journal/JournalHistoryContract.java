package io.taskbroker.testkit.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalGroup;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Seeded random histories against a plain map. */
abstract class JournalHistoryContract extends OpenedJournal {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  final void agreesWithAPlainMapOnARandomHistory(long seed) throws Exception {
    var random = new Random(seed);
    var expected = new JournalImage();
    long nextKey = 1;
    for (int step = 0; step < 200; step++) {
      String where = "seed " + seed + ", step " + step;
      JournalGroup group = RandomGroups.next(random, expected, nextKey);
      nextKey += group.changes().inserted().size();
      expected.apply(group);
      journal.apply(group, random.nextBoolean() ? Durability.PROCESS_CRASH : Durability.POWER_CUT);
      switch (random.nextInt(12)) {
        case 0 -> reopen();
        case 1 -> assertThat(journal.reclaim()).as(where).isIn(true, false);
        case 2 -> journal.rewrite();
        default -> {}
      }
      if (step % 20 == 19) {
        Content content = load();
        assertThat(content.rows()).as(where).containsExactlyElementsOf(expected.rows.values());
        assertThat(content.positions()).as(where).isEqualTo(expected.positions);
        assertThat(journal.payloads(LongStream.range(1, nextKey).boxed().toList()))
            .as(where)
            .containsExactlyInAnyOrderEntriesOf(expected.payloads);
      }
    }
  }
}
