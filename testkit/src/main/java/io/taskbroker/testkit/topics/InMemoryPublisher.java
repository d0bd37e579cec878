package io.taskbroker.testkit.topics;

import io.taskbroker.application.intake.SourceRecord.Header;
import io.taskbroker.application.upkeep.Publisher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Publishes to {@link InMemoryTopics}, and can be told not to. Safe for all threads. */
public final class InMemoryPublisher implements Publisher {
  private static final long LONGEST_HOLD_SEC = 300;

  private final InMemoryTopics topics;
  private final Map<String, String> refused = new HashMap<>();
  private final Set<String> losingAnswers = new HashSet<>();
  private final Map<String, String> objections = new HashMap<>();
  private final Map<String, CountDownLatch> held = new HashMap<>();
  private int maxRecordBytes = Integer.MAX_VALUE;

  public InMemoryPublisher(InMemoryTopics topics) {
    this.topics = topics;
  }

  /** From here on the topic takes nothing, for such a reason. */
  public synchronized void refuse(String topic, String reason) {
    refused.put(topic, reason);
  }

  /** From here on the topic refuses each record by itself if it has content, for such a reason. */
  public synchronized void refuseContent(String topic, String reason) {
    objections.put(topic, reason);
  }

  /** From here on the topic takes records, but nobody is told. */
  public synchronized void loseAnswers(String topic) {
    losingAnswers.add(topic);
  }

  /** From here on who publishes to the topic waits, for five minutes at most. */
  public synchronized void hold(String topic) {
    held.putIfAbsent(topic, new CountDownLatch(1));
  }

  /** Ends whatever hindered this topic. */
  public synchronized void accept(String topic) {
    refused.remove(topic);
    objections.remove(topic);
    losingAnswers.remove(topic);
    CountDownLatch waiting = held.remove(topic);
    if (waiting != null) {
      waiting.countDown();
    }
  }

  /** From here on no topic ever takes a value larger than this. */
  public synchronized void limitRecords(int maxBytes) {
    maxRecordBytes = maxBytes;
  }

  @Override
  public List<Fate> publish(String topic, List<OutgoingRecord> records) {
    awaitRelease(topic);
    List<Fate> fates = new ArrayList<>(records.size());
    for (OutgoingRecord record : records) {
      fates.add(publish(topic, record));
    }
    return fates;
  }

  private void awaitRelease(String topic) {
    CountDownLatch waiting = latchOf(topic);
    if (waiting == null) {
      return;
    }
    try {
      if (!waiting.await(LONGEST_HOLD_SEC, TimeUnit.SECONDS)) {
        refuse(topic, "held for too long");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized @Nullable CountDownLatch latchOf(String topic) {
    return held.get(topic);
  }

  private synchronized Fate publish(String topic, OutgoingRecord record) {
    String reason = refused.get(topic);
    if (reason != null) {
      return new Fate.NotNow(reason);
    }
    String objection = objections.get(topic);
    if (objection != null && record.value().length > 0) {
      return new Fate.Refused(objection);
    }
    if (record.value().length > maxRecordBytes) {
      return new Fate.Never(record.value().length + " bytes are more than " + maxRecordBytes);
    }
    List<Header> headers = new ArrayList<>();
    record.headers().forEach((name, value) -> headers.add(new Header(name, value)));
    topics.append(topic, record.partitionKey(), record.value(), headers);
    return losingAnswers.contains(topic)
        ? new Fate.Unknown("the answer was lost", "See what Kafka does")
        : new Fate.Acknowledged();
  }
}
