package io.taskbroker.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationDocumentTest {
  @Test
  void thePageIsWhatTheSettingsSay() throws IOException {
    Path page = Path.of("../docs/configuration.md");

    assertThat(Files.readString(page))
        .as("%s is out of date; its first lines say how to write it anew", page)
        .isEqualTo(ConfigurationDocument.text());
  }

  @Test
  void everySettingSaysWhatItMeans() {
    assertThat(Settings.CATALOGUE.all()).noneMatch(setting -> setting.meaning().isEmpty());
    assertThat(Settings.CATALOGUE.maps().stream().flatMap(map -> map.keys().stream()))
        .noneMatch(setting -> setting.meaning().isEmpty());
  }
}
