#include "apps/files/checkpoint.h"

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "apps/files/atomic_write.h"
#include "apps/files/manifest.h"
#include "apps/files/read_file.h"
#include "apps/files/sha256.h"
#include "tests/apps/files/fields_for_tests.h"

namespace fleet::files {
namespace {

using Iterations = std::vector<std::int64_t>;

Manifest manifest_at(std::int64_t iteration, std::optional<double> score = std::nullopt) {
  return {.iteration = iteration,
          .env_steps = iteration * 4096,
          .task = "go1-flat",
          .agent = "flashsac",
          .seed = 18446744073709551615U,
          .git_revision = "0123abc",
          .config_hash = sha256("config"),
          .versions = {{"mujoco", "4.0.1"}},
          .score = score};
}

void save(const TemporaryFolder& folder, std::int64_t iteration,
          std::optional<double> score = std::nullopt, const Retention& retention = {}) {
  GoldenState state;
  state.env_steps = iteration;
  save_checkpoint(folder.path(), manifest_at(iteration, score), state.fields(), retention);
}

void flip_byte(const std::string& path, std::size_t offset, int mask = 0x10) {
  std::string bytes = read_file(path, 1 << 20);
  bytes.at(offset) = static_cast<char>(bytes.at(offset) ^ mask);
  atomic_write(path, bytes);
}

TEST(CheckpointTest, AStateIsRestoredToTheBit) {
  const TemporaryFolder folder;
  GoldenState saved;
  EXPECT_EQ(save_checkpoint(folder.path(), manifest_at(300, 1.5), saved.fields()),
            folder / "model_300.json");
  const Checkpoint checkpoint = open_checkpoint(folder.path(), 300);
  EXPECT_EQ(checkpoint.manifest.env_steps, 300 * 4096);
  EXPECT_EQ(checkpoint.manifest.task, "go1-flat");
  EXPECT_EQ(checkpoint.manifest.agent, "flashsac");
  EXPECT_EQ(checkpoint.manifest.seed, 18446744073709551615U);
  EXPECT_EQ(checkpoint.manifest.git_revision, "0123abc");
  EXPECT_EQ(checkpoint.manifest.config_hash, sha256("config"));
  EXPECT_EQ(checkpoint.manifest.versions.at("mujoco"), "4.0.1");
  EXPECT_EQ(checkpoint.manifest.score, 1.5);
  GoldenState restored;
  restored.weight[0][0] = restored.weight[1][2] = std::nanf("");
  restored.qpos[0] = restored.qpos[1] = std::nan("");
  restored.env_steps = 0;
  restore(checkpoint, restored.fields());
  EXPECT_EQ(sha256_of_fields(restored.fields()), sha256_of_fields(saved.fields()));
  EXPECT_EQ(restored.weight[0][3], 99.0F) << "the padding between rows is not the checkpoint's";
}

TEST(CheckpointTest, TheNewestOneIsOpened) {
  const TemporaryFolder folder;
  save(folder, 9);
  save(folder, 100);
  save(folder, 20);
  std::vector<std::string> messages;
  EXPECT_EQ(open_newest_checkpoint(folder.path(), messages).manifest.iteration, 100);
  EXPECT_TRUE(messages.empty());
  EXPECT_EQ(list_checkpoints(folder.path()), (Iterations{9, 20, 100}));
}

TEST(CheckpointTest, ADamagedOneIsPassedOverWithAMessage) {
  const TemporaryFolder folder;
  save(folder, 1);
  save(folder, 2);
  save(folder, 3);
  flip_byte(folder / "model_3.safetensors", 300);
  std::filesystem::remove(folder / "model_2.safetensors");
  std::vector<std::string> messages;
  EXPECT_EQ(open_newest_checkpoint(folder.path(), messages).manifest.iteration, 1);
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_NE(messages[0].find("model_3.safetensors: is damaged: SHA-256"), std::string::npos);
  EXPECT_NE(messages[1].find("model_2.safetensors: cannot be opened"), std::string::npos);
  flip_byte(folder / "model_1.json", 40);
  const std::string error = file_error_of([&] { open_newest_checkpoint(folder.path(), messages); });
  EXPECT_NE(error.find("holds no valid checkpoint; the newest: "), std::string::npos) << error;
}

TEST(CheckpointTest, AFolderWithoutOneIsNamed) {
  const TemporaryFolder folder;
  std::vector<std::string> messages;
  EXPECT_EQ(file_error_of([&] { open_newest_checkpoint(folder.path(), messages); }),
            folder.path() + ": holds no checkpoint; expected model_<iteration>.json");
  EXPECT_EQ(file_error_of([&] { open_newest_checkpoint(folder / "no", messages); }),
            folder / "no" + ": cannot be listed: No such file or directory");
}

TEST(CheckpointTest, ARenamedOneIsRefused) {
  const TemporaryFolder folder;
  save(folder, 3);
  std::filesystem::rename(folder / "model_3.json", folder / "model_4.json");
  std::filesystem::rename(folder / "model_3.safetensors", folder / "model_4.safetensors");
  EXPECT_EQ(file_error_of([&] { open_checkpoint(folder.path(), 4); }),
            folder / "model_4.json" + ": key 'iteration': is 3; the file's name says 4");
}

TEST(CheckpointTest, TheStateOfAnotherOneIsRefused) {
  const TemporaryFolder folder;
  save(folder, 3);
  save(folder, 4);
  std::filesystem::copy_file(folder / "model_3.safetensors", folder / "model_4.safetensors",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THROW(open_checkpoint(folder.path(), 4), FileError);
}

TEST(CheckpointTest, TheFirstMismatchIsNamedAndNothingIsWritten) {
  const TemporaryFolder folder;
  save(folder, 3);
  const Checkpoint checkpoint = open_checkpoint(folder.path(), 3);
  const std::string file = folder / "model_3.safetensors";
  GoldenState state;
  state.qpos[0] = 7.0;
  Fields fields = state.fields();
  fields[4] = make_field("terminated", {2, 2}, state.terminated);
  EXPECT_EQ(file_error_of([&] { restore(checkpoint, fields); }),
            file + ": key 'terminated': has shape [4]; expected [2, 2]");
  fields = state.fields();
  fields.erase(fields.begin() + 5);
  EXPECT_EQ(file_error_of([&] { restore(checkpoint, fields); }),
            file + ": key 'rng': is not part of this run's state");
  fields = state.fields();
  fields.push_back(make_field("critic/bias", {2}, state.qpos));
  EXPECT_EQ(file_error_of([&] { restore(checkpoint, fields); }),
            file + ": key 'critic/bias': is missing");
  EXPECT_EQ(state.qpos[0], 7.0);
}

TEST(CheckpointTest, TheLastOnesAndTheBestAreKept) {
  const TemporaryFolder folder;
  const Retention retention{.num_last = 2, .is_best_kept = true};
  const double scores[] = {1.0, 9.0, 3.0, 4.0, 5.0};
  for (int iteration = 0; iteration < 5; ++iteration) {
    save(folder, iteration, scores[iteration], retention);
  }
  EXPECT_EQ(list_checkpoints(folder.path()), (Iterations{1, 3, 4}));
  EXPECT_EQ(folder.names().size(), 6U);
  EXPECT_NO_THROW(open_checkpoint(folder.path(), 1));
  save(folder, 5, std::nan(""), {.num_last = 1, .is_best_kept = false});
  EXPECT_EQ(list_checkpoints(folder.path()), Iterations{5});
}

TEST(CheckpointTest, WhatWasJustSavedIsNeverPruned) {
  const TemporaryFolder folder;
  save(folder, 100);
  save(folder, 50, std::nullopt, {.num_last = 1, .is_best_kept = true});
  EXPECT_EQ(list_checkpoints(folder.path()), (Iterations{50, 100}));
}

TEST(CheckpointTest, ASaveThatFailsPrunesNothing) {
  const TemporaryFolder folder;
  save(folder, 1);
  std::filesystem::create_directory(folder / "model_2.json");  // where the manifest has to go
  EXPECT_THROW(save(folder, 2, std::nullopt, {.num_last = 1}), FileError);
  EXPECT_NO_THROW(open_checkpoint(folder.path(), 1));
}

TEST(CheckpointTest, LeftoversOfAKilledProcessAreRemovedAndOtherFilesStay) {
  const TemporaryFolder folder;
  atomic_write(folder / "model_1.safetensors.tmp-77-0", "half");
  atomic_write(folder / "model_2.safetensors", "a state whose manifest never came");
  atomic_write(folder / "model_final.safetensors", "the user's");
  atomic_write(folder / "notes.tmp-1", "the user's");
  save(folder, 3);
  EXPECT_EQ(folder.names(), (std::vector<std::string>{"model_3.json", "model_3.safetensors",
                                                      "model_final.safetensors", "notes.tmp-1"}));
}

TEST(CheckpointTest, OnlyPlainNamesAreCheckpoints) {
  const TemporaryFolder folder;
  for (const char* name : {"model_.json", "model_01.json", "model_-1.json", "model_1x.json",
                           "model_99999999999999999999.json", "model_5.json.bak"}) {
    atomic_write(folder / name, "{}");
  }
  EXPECT_TRUE(list_checkpoints(folder.path()).empty());
}

// Random damage anywhere in either file: every single one has to be found.
TEST(CheckpointTest, EveryFlippedBitAndEveryTruncationIsFound) {
  const TemporaryFolder folder;
  save(folder, 7, 0.1);
  std::mt19937 random(1);
  for (const char* name : {"model_7.safetensors", "model_7.json"}) {
    const std::string sound = read_file(folder / name, 1 << 20);
    const auto requires_error = [&](const std::string& bytes, const std::string& what) {
      atomic_write(folder / name, bytes);
      const std::string error = file_error_of([&] { open_checkpoint(folder.path(), 7); });
      EXPECT_NE(error.find(folder.path()), std::string::npos) << name << " " << what << error;
      EXPECT_EQ(error.find('\n'), std::string::npos) << error;
    };
    for (int trial = 0; trial < 250; ++trial) {
      const std::size_t byte = random() % sound.size();
      std::string flipped = sound;
      flipped[byte] = static_cast<char>(flipped[byte] ^ (1 << random() % 8));
      requires_error(flipped, "flipped at " + std::to_string(byte));
      const std::size_t size = random() % sound.size();
      requires_error(sound.substr(0, size), "cut to " + std::to_string(size));
    }
    requires_error(sound + " ", "one byte more");
    requires_error("", "emptied");
    atomic_write(folder / name, sound);
  }
  EXPECT_NO_THROW(open_checkpoint(folder.path(), 7));
}

}  // namespace
}  // namespace fleet::files
