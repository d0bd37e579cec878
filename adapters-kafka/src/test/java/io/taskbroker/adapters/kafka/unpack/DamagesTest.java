package io.taskbroker.adapters.kafka.unpack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

class DamagesTest {
  private static final int PARTITION = 3;

  /** Places in a batch of version 2: KIP-98. */
  private static final int LENGTH_AT = 8;

  private static final int CHECKSUM_AT = 17;

  private static final int ATTRIBUTES_AT = 21;
  private static final int HEAD_BYTES = 61;

  /** Among the attributes: Kafka's own words about a transaction. */
  private static final byte CONTROL = 1 << 5;

  /** Among the attributes: how the records are packed. */
  private static final byte GZIP = 1;

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

  @Test
  void aBatchThatIsPackedInAWayOfTheFuture_isDamage() {
    assertThat(fetch(packedBy(5)).batches().iterator().hasNext()).isFalse();

    assertThat(damages.take()).hasEntrySatisfying(PARTITION, why -> assertThat(why).contains("5"));
  }

  @Test
  void aControlBatchThatCannotBeRead_isTheDamageOfItsPartition() {
    ByteBuffer bytes = sound().buffer();
    bytes.put(ATTRIBUTES_AT + 1, CONTROL);
    for (int at = HEAD_BYTES; at < HEAD_BYTES + 6; at++) {
      bytes.put(at, (byte) 0xff); // a number without an end
    }

    assertThat(fetch(checked(bytes)).batches().iterator().hasNext()).isFalse();

    assertThat(damages.take()).containsOnlyKeys(PARTITION);
  }

  @Test
  void aLengthThatOverflows_isDamage() {
    ByteBuffer bytes = sound().buffer();
    bytes.putInt(LENGTH_AT, Integer.MAX_VALUE - 3);

    assertThat(fetch(MemoryRecords.readableRecords(bytes)).batches().iterator().hasNext())
        .isFalse();

    assertThat(damages.take())
        .hasEntrySatisfying(PARTITION, why -> assertThat(why).contains("longer than what Kafka"));
  }

  /** Kafka packs none; unpacking one would take what its head says. */
  @Test
  void aControlBatchThatIsPacked_isTheDamageOfItsPartition() {
    ByteBuffer bytes = sound().buffer();
    bytes.put(ATTRIBUTES_AT + 1, (byte) (CONTROL | GZIP));

    assertThat(fetch(checked(bytes)).batches().iterator().hasNext()).isFalse();

    assertThat(damages.take().get(PARTITION)).contains("control batch is packed");
  }

  private static MemoryRecords packedBy(int type) {
    ByteBuffer bytes = sound().buffer();
    bytes.put(ATTRIBUTES_AT + 1, (byte) type);
    return checked(bytes);
  }

  /** With a checksum that is right: whoever writes a batch can see to that. */
  private static MemoryRecords checked(ByteBuffer bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes.slice(ATTRIBUTES_AT, bytes.limit() - ATTRIBUTES_AT));
    bytes.putInt(CHECKSUM_AT, (int) checksum.getValue());
    return MemoryRecords.readableRecords(bytes);
  }

  /** Kafka notes the end before it reads, and the client looks at what came twice. */
  @Test
  void whatIsWrittenWhileKafkaReads_isReadFromTheNextAnswer() {
    UnpackedFetch early = fetch(sound(), 0);
    assertThat(early.batches().iterator().hasNext()).isFalse();
    assertThat(early.batches().iterator().hasNext()).isFalse();
    assertThat(early.sizeInBytes()).isZero();
    assertThat(damages.take()).isEmpty();

    assertThat(fetch(sound(), 1).batches().iterator().hasNext()).isTrue();
    assertThat(damages.take()).isEmpty();
  }

  @Test
  void whatLiesBehindTheEndAgain_isDamaged() {
    assertThat(fetch(sound(), 0).batches().iterator().hasNext()).isFalse();
    assertThat(fetch(sound(), 0).batches().iterator().hasNext()).isFalse();

    assertThat(damages.take().get(PARTITION))
        .isEqualTo("its batch says that it ends at offset 0, and the partition ends at 0");
  }

  private UnpackedFetch fetch(MemoryRecords records) {
    return fetch(records, 1);
  }

  private UnpackedFetch fetch(MemoryRecords records, long end) {
    return new UnpackedFetch(records, 1_024, new PollBudget(1_024), damages, PARTITION, end);
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
