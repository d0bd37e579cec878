package io.taskbroker.adapters.protobuf;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnsafeByteOperations;
import io.taskbroker.proto.v1.RetryState;
import io.taskbroker.proto.v1.TaskActivation;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a {@code TaskActivation} that the broker looks at.
 *
 * <p>Reads straight from the bytes: parameters and headers, most of a message, are checked but not
 * copied. It refuses whatever the generated parser refuses, and as there the last value of a field
 * counts, and messages given twice are merged.
 */
final class WireActivation {
  private static final int DELIMITED = 2;
  private static final int VARINT = 0;
  private static final int ID = TaskActivation.ID_FIELD_NUMBER << 3 | DELIMITED;
  private static final int NAMESPACE = TaskActivation.NAMESPACE_FIELD_NUMBER << 3 | DELIMITED;
  private static final int TASKNAME = TaskActivation.TASKNAME_FIELD_NUMBER << 3 | DELIMITED;
  private static final int PARAMETERS_JSON =
      TaskActivation.PARAMETERS_JSON_FIELD_NUMBER << 3 | DELIMITED;
  private static final int HEADERS = TaskActivation.HEADERS_FIELD_NUMBER << 3 | DELIMITED;
  private static final int RECEIVED_AT = TaskActivation.RECEIVED_AT_FIELD_NUMBER << 3 | DELIMITED;
  private static final int RETRY_STATE = TaskActivation.RETRY_STATE_FIELD_NUMBER << 3 | DELIMITED;
  private static final int PROCESSING_DEADLINE =
      TaskActivation.PROCESSING_DEADLINE_DURATION_FIELD_NUMBER << 3 | VARINT;
  private static final int EXPIRES = TaskActivation.EXPIRES_FIELD_NUMBER << 3 | VARINT;
  private static final int DELAY = TaskActivation.DELAY_FIELD_NUMBER << 3 | VARINT;
  private static final int APPLICATION = TaskActivation.APPLICATION_FIELD_NUMBER << 3 | DELIMITED;
  private static final int HEADER_NAME = 1 << 3 | DELIMITED;
  private static final int HEADER_VALUE = 2 << 3 | DELIMITED;

  private static final ExtensionRegistryLite NO_EXTENSIONS =
      ExtensionRegistryLite.getEmptyRegistry();

  ByteString id = ByteString.EMPTY;
  ByteString namespace = ByteString.EMPTY;
  ByteString taskname = ByteString.EMPTY;
  ByteString application = ByteString.EMPTY;
  Timestamp.@Nullable Builder receivedAt;
  RetryState.Builder retryState = RetryState.newBuilder();
  long processingDeadlineSec;
  @Nullable Long expiresSec;
  @Nullable Long delaySec;

  WireActivation(byte[] value) throws IOException {
    CodedInputStream in = UnsafeByteOperations.unsafeWrap(value).newCodedInput();
    in.enableAliasing(true);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      readField(in, tag);
    }
  }

  private void readField(CodedInputStream in, int tag) throws IOException {
    switch (tag) {
      case ID -> id = text(in);
      case NAMESPACE -> namespace = text(in);
      case TASKNAME -> taskname = text(in);
      case APPLICATION -> application = text(in);
      case PARAMETERS_JSON -> text(in);
      case HEADERS -> checkHeader(in);
      case RECEIVED_AT -> {
        if (receivedAt == null) {
          receivedAt = Timestamp.newBuilder();
        }
        in.readMessage(receivedAt, NO_EXTENSIONS);
      }
      case RETRY_STATE -> in.readMessage(retryState, NO_EXTENSIONS);
      case PROCESSING_DEADLINE -> processingDeadlineSec = in.readUInt64();
      case EXPIRES -> expiresSec = in.readUInt64();
      case DELAY -> delaySec = in.readUInt64();
      default -> skip(in, tag);
    }
  }

  private static void checkHeader(CodedInputStream in) throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case HEADER_NAME, HEADER_VALUE -> text(in);
        default -> skip(in, tag);
      }
    }
    in.popLimit(outer);
  }

  private static ByteString text(CodedInputStream in) throws IOException {
    ByteString text = in.readBytes();
    if (!text.isValidUtf8()) {
      throw new InvalidProtocolBufferException("A text is not valid UTF-8.");
    }
    return text;
  }

  private static void skip(CodedInputStream in, int tag) throws IOException {
    if (!in.skipField(tag)) {
      throw new InvalidProtocolBufferException("A group ends that did not begin.");
    }
  }
}
