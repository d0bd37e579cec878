package io.taskbroker.adapters.kafka.unpack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

class DamagesTest {
  private static final int PARTITION = 3;

  private final Damages damages = new Damages();

  @Test
  void whatComesSoundBeforeTheDamageIsTaken_takesItBack() {
    assertThat(fetch(damaged()).batches().iterator().hasNext()).isFalse();
    assertThat(fetch(sound()).batches().iterator().hasNext()).isTrue();

    assertThat(damages.take()).isEmpty();
  }

  @Test
  void damageThatIsFoundLastStays_untilItIsTaken() {
    assertThat(fetch(sound()).batches().iterator().hasNext()).isTrue();
    assertThat(fetch(damaged()).batches().iterator().hasNext()).isFalse();

    assertThat(damages.take()).containsOnlyKeys(PARTITION);
    assertThat(damages.take()).isEmpty();
  }

  private UnpackedFetch fetch(MemoryRecords records) {
    return new UnpackedFetch(records, 1_024, new PollBudget(1_024), damages, PARTITION, 1);
  }

  private static MemoryRecords sound() {
    return MemoryRecords.withRecords(
        Compression.NONE, new SimpleRecord("one".getBytes(StandardCharsets.UTF_8)));
  }

  private static MemoryRecords damaged() {
    ByteBuffer bytes = sound().buffer();
    int last = bytes.limit() - 1;
    bytes.put(last, (byte) (bytes.get(last) ^ 0x55));
    return MemoryRecords.readableRecords(bytes);
  }
}
