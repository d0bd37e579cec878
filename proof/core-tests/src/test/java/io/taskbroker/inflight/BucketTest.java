package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BucketTest {
  @ParameterizedTest
  @CsvSource({
    "f81d4fae7dec11d0a76500a0c91e6bf6, 246",
    "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6, 246",
    "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}, 246",
    "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6, 246",
    "550e8400-e29b-41d4-a716-446655440000, 0",
    "id_0, 0",
    "'', 0",
    "f81d4fae7dec11d0a76500a0c91e6bfg, 0",
    "f81d4fae-7dec-11d0-a765-00a0c91e6bf6f, 0",
    "f81d4fae7dec-11d0-a765-00a0c91e6bf6-, 0",
    "f81d4fae7dec11d0a76500a0c91e6b\u0661\u0661, 0",
  })
  @DisplayName("19.7: the bucket of an id, which the view shows")
  void theLastByteOfAUuid_andZeroForAllElse(String id, int bucket) {
    assertThat(Bucket.of(id)).isEqualTo(bucket);
  }
}
