package io.taskbroker.fuzzing;

import io.taskbroker.adapters.protobuf.ActivationLimits;
import io.taskbroker.adapters.protobuf.MsgpackArgumentReader;
import io.taskbroker.adapters.protobuf.ProtobufActivationDecoder;
import io.taskbroker.adapters.protobuf.RawRecordDecoder;
import io.taskbroker.adapters.protobuf.RawTopicSettings;
import io.taskbroker.application.intake.ActivationDecoder.Decoded;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.intake.SourceRecord.Header;
import io.taskbroker.domain.NamePool;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.rules.Wanted;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A record of a raw topic, with its headers. */
final class RawTarget implements Target {
  static final String NAME = "raw";

  private static final long NOW_MS = 1_771_000_000_000L;
  private static final Partition ORIGIN = new Partition("events", 3);
  private static final Wanted WANTED = new Wanted(Set.of(), Set.of(), 100, 100);

  private final RawRecordDecoder plain = decoder(null);
  private final RawRecordDecoder packed = decoder(3);
  private final ProtobufActivationDecoder tasks =
      new ProtobufActivationDecoder(ActivationLimits.DEFAULT, new NamePool());
  private final MsgpackArgumentReader arguments = new MsgpackArgumentReader();

  private static RawRecordDecoder decoder(@Nullable Integer level) {
    return new RawRecordDecoder(
        new RawTopicSettings("shop", "orders", "take_event", 30, level), ActivationLimits.DEFAULT);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String about() {
    return "a record of a raw topic with its headers and time: made a task, which is read again";
  }

  @Override
  public List<byte[]> seeds() {
    byte[] name = "trace".getBytes(StandardCharsets.UTF_8);
    return List.of(Pieces.joined(0, new byte[] {1}), Pieces.joined(1, name, name, name));
  }

  @Override
  public void give(byte[] input) {
    Pieces pieces = new Pieces(input);
    int shape = pieces.number();
    List<Header> headers = new ArrayList<>();
    byte[] value = pieces.piece();
    while (pieces.hasMore()) {
      String header = pieces.text();
      headers.add(new Header(header, pieces.hasMore() ? pieces.piece() : null));
    }
    long time = (shape & 2) == 0 ? NOW_MS : Long.MAX_VALUE - shape;
    var record = new SourceRecord(ORIGIN, 7, time, (shape & 4) == 0 ? value : null, headers);
    switch (((shape & 1) == 0 ? plain : packed).decode(record, NOW_MS)) {
      case Decoded.Bad(String reason, _) -> Finding.unlessWords(reason, "a refused record");
      case Decoded.Good made -> readAgain(made);
    }
  }

  private void readAgain(Decoded.Good made) {
    var again =
        tasks.decode(new SourceRecord(ORIGIN, 7, NOW_MS, made.payload(), List.of()), NOW_MS);
    Finding.unless(again instanceof Decoded.Good, "what was made of a raw record is no task");
    var _ = arguments.read(made.payload(), WANTED); // no rule can name bytes, so there are none
  }
}
