package io.taskbroker.adapters.kafka;

import io.taskbroker.application.Stalls;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks, in the background, whether a topic exists whose consumer is disabled, and says so once. No
 * group is joined, and nothing is read.
 */
public final class KafkaTopicCheck implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::consumer");

  private final KafkaTopicSettings topic;
  private final Stalls stalls;
  private final String what;
  private final UntilDone check;

  public static KafkaTopicCheck start(KafkaTopicSettings topic, Stalls stalls) {
    return new KafkaTopicCheck(topic, stalls);
  }

  private KafkaTopicCheck(KafkaTopicSettings topic, Stalls stalls) {
    this.topic = topic;
    this.stalls = stalls;
    this.what = "check of topic '" + topic.name() + "'";
    this.check = UntilDone.start("check-" + topic.name(), this::attempt);
  }

  @Override
  public void close() {
    check.close();
  }

  private boolean attempt() {
    Throwable failure = failure();
    if (failure != null) {
      KafkaFailure explained = KafkaFailure.of(failure, topic);
      stalls.begin(what, explained.reason(), explained.remedy());
      return false;
    }
    stalls.end(what);
    LOG.info("Topic '{}' exists; its consumer is disabled, so nothing is read", topic.name());
    return true;
  }

  private @Nullable Throwable failure() {
    try (var admin = ClusterAdmin.open(topic.cluster())) {
      return admin.absent(List.of(topic.name())).get(topic.name());
    } catch (KafkaException e) {
      return e;
    }
  }
}
