// Matches and teams of skills as a user meets them on the command line.

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tests/apps/mistakes.h"

namespace fleet {
namespace {

/// A run of one iteration. @returns the name of its folder
std::string train_briefly(const files::TemporaryFolder& folder, const std::string& task,
                          const std::string& name) {
  const Outcome outcome =
      run_fleet(folder.path(), "train " + task + " --steps 1000 --num-envs 8 --threads 1 --out " +
                                   name + " train.evaluate=false");
  EXPECT_EQ(outcome.code, 0) << outcome.error;
  return name;
}

TEST(MatchCliTest, WhatIsNoTeamOfTheGameIsRefused) {
  const files::TemporaryFolder folder;
  const std::string solo = train_briefly(folder, "volley/hover", "solo");
  const std::string duel = train_briefly(folder, "volley/1v1", "duel");
  const std::string cut = train_briefly(folder, "volley/1v1", "cut");
  const std::string policy = folder.path() + "/cut/policy.safetensors";
  write_text(policy, read_text(policy).substr(0, 400));
  require_refused(
      folder.path(),
      {{"eval volley/3v3 --home solo --away solo", "solo: was trained for volley/hover"},
       {"eval volley/3v3 --home duel --away duel", "duel: was trained for volley/1v1"},
       {"eval volley/1v1 --home duel --away nobody", "nobody: neither a run folder"},
       {"eval volley/1v1 --home duel", "--home"},
       {"eval volley/1v1 --home duel --away cut", "cut/policy.safetensors"},
       {"eval volley/1v1 --home duel --away duel --games 0", "--games"},
       {"eval volley/1v1 --home duel --away duel --json no/a.json", "no/a.json"},
       {"eval volley/hover --home solo --away solo", "volley/hover: is no match"},
       {"play volley/1v1 --home duel --away solo", "solo: was trained for volley/hover"},
       {"play volley/hover --home solo --away solo", "volley/hover: is no match"},
       {"cross-play volley/1v1 duel", "name two teams or more"},
       {"cross-play volley/1v1 duel solo", "solo: was trained for volley/hover"}});
}

TEST(MatchCliTest, TeamsThatSeeMoreAndLessPlayEachOther) {
  const files::TemporaryFolder folder;
  const std::string aimed = train_briefly(folder, "volley/3v3-flat", "aimed");
  const std::string plain = train_briefly(folder, "volley/3v3", "plain");
  for (const std::string& command :
       {"eval volley/3v3 --home " + aimed + " --away " + plain + " --games 4 --threads 1",
        "play volley/3v3 --home " + plain + " --away " + aimed + " --steps 5 --threads 1",
        "eval " + aimed + " --episodes 4 --threads 1",
        "eval " + aimed + " --task volley/3v3 --episodes 4 --threads 1"}) {
    const Outcome outcome = run_fleet(folder.path(), command);
    EXPECT_EQ(outcome.code, 0) << command << '\n' << outcome.error;
  }
}

TEST(MatchCliTest, WhatIsNoSkillIsRefusedBeforeAnythingIsWritten) {
  const files::TemporaryFolder folder;
  const std::string team = "train volley/3v3-hier --out team ";
  require_refused(
      folder.path(),
      {{team + "train.skills.jump=volley/skill-hit", "'jump' is no skill; expected goto, hit"},
       {team + "train.skills.goto=volley/skill-hit", "volley/skill-hit is no skill 'goto'"},
       {team + "train.skills.hit=volley/solo-bump", "volley/solo-bump is no skill 'hit'"},
       {team + "train.skills.hit=go1-flat", "go1-flat is no skill 'hit'"},
       {team + "train.skills.hit=volley/none", "no task is called 'volley/none'"},
       {team + "ppo.gamma=2", "gamma"},
       {"train volley/1v1 --out team train.skills.hit=volley/skill-hit", "no match of teams"}});
}

TEST(MatchCliTest, AHighLevelThatCannotBeIsRefusedBeforeAnythingIsWritten) {
  const files::TemporaryFolder folder;
  const std::string duel = train_briefly(folder, "volley/1v1", "duel");
  const std::string high = "train volley/3v3-high --out high ";
  require_refused(
      folder.path(),
      {{high + "train.team=nobody", "nobody: neither a run folder"},
       {high + "train.team=duel", "train.team: duel is no team of skills"},
       {high + "train.skills.hit=volley/skill-hit", "'train.team' expected none beside skills"},
       {high + "volley.observe_aim=true", "train.team: expected none, because players"},
       {high + "--agent flashsac", "algorithm: expected ppo"},
       {high + "self_play.opponents=population", "self_play.opponents: expected none or self"},
       {"train volley/1v1 --out high train.team=duel",
        "train.team: expected none, because the task"},
       {"train go1-flat --out high train.team=duel",
        "train.team: expected none, because the task"}});
}

TEST(MatchCliTest, AHighLevelIsATeamOfItsOwnThatResumesAndNeedsItsTeachersNoMore) {
  const files::TemporaryFolder folder;
  const std::string brief = "--num-envs 4 --threads 1 ";
  const std::string small = "ppo.num_steps=64 ppo.num_minibatches=1 train.evaluate=false";
  Outcome outcome = run_fleet(
      folder.path(), "train volley/3v3-high --steps 1024 " + brief + "--out high " + small);
  ASSERT_EQ(outcome.code, 0) << outcome.error;
  outcome = run_fleet(folder.path(), "train volley/3v3-high --steps 1024 " + brief +
                                         "--out second train.team=high " + small);
  ASSERT_EQ(outcome.code, 0) << outcome.error;
  std::filesystem::remove_all(folder.path() + "/high");
  outcome = run_fleet(folder.path(), "train --resume second --steps 1536");
  ASSERT_EQ(outcome.code, 0) << outcome.error;
  EXPECT_NE(outcome.out.find("Resumed second at iteration 4"), std::string::npos) << outcome.out;
  outcome = run_fleet(folder.path(), "verify-resume second --iterations 2");
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.error;
  outcome = run_fleet(folder.path(),
                      "eval volley/3v3 --home second --away hierarchical --games 4 --threads 1");
  ASSERT_EQ(outcome.code, 0) << outcome.error;
  EXPECT_NE(outcome.out.find("second against hierarchical"), std::string::npos) << outcome.out;
  require_refused(folder.path(), {{"eval second", "second: is a team of skills"},
                                  {"export second", "second: is a team of skills"},
                                  {"train --resume second train.team=hierarchical",
                                   "train.team does not fit"},
                                  {"play second", "second: is a team of skills"}});
}

TEST(MatchCliTest, SkillsNotYetBegunKeepWhatWasTypedAtFirst) {
  const files::TemporaryFolder folder;
  const std::string brief = "train volley/3v3-hier --steps 1000 --num-envs 8 --threads 1 --seed 7 ";
  ASSERT_EQ(run_fleet(folder.path(), brief + "--out team train.evaluate=false ppo.gamma=0.9").code,
            0);
  // As if it had been stopped before the second skill.
  const std::string hit = folder.path() + "/team/skills/hit";
  for (const auto& entry : std::filesystem::directory_iterator(hit)) {
    if (entry.path().filename() != "params") {
      std::filesystem::remove_all(entry.path());
    }
  }
  require_refused(folder.path(), {{"train --resume team train.skills.hit=volley/skill-hit",
                                   "train.skills does not fit"}});
  const Outcome outcome = run_fleet(folder.path(), "train --resume team ppo.lambda=0.8");
  ASSERT_EQ(outcome.code, 0) << outcome.error;
  EXPECT_NE(outcome.out.find("Task volley/skill-hit with ppo-volley (seed 7): 8 envs"),
            std::string::npos)
      << outcome.out;
  const std::string params = read_text(hit + "/params/run.yaml");
  EXPECT_NE(params.find("gamma: 0.9\n"), std::string::npos) << params;
  EXPECT_NE(params.find("steps: 1000\n"), std::string::npos) << params;
  EXPECT_NE(params.find("lambda: 0.8\n"), std::string::npos) << params;
}

}  // namespace
}  // namespace fleet
