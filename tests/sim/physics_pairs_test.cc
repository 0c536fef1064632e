#include "sim/physics_pairs.h"

#include <algorithm>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/physics_models.h"

namespace fleet::sim {
namespace {

using fleet::testing::compile;
using physics::FrictionRule;
using physics::GeomPair;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Geoms = std::pair<int, int>;

std::vector<Geoms> geoms_of(const CollisionPairs<double>& pairs) {
  std::vector<Geoms> geoms;
  for (const GeomPair<double>& pair : pairs.pairs) {
    geoms.emplace_back(pair.geom1, pair.geom2);
  }
  return geoms;
}

/// The first contact of each pair, in MuJoCo's order. Margins must be so large that all pairs
/// touch.
std::vector<mjContact> contacts_of(const mjModel& model) {
  const DataPtr data = make_data(model);
  mj_forward(&model, data.get());
  std::vector<mjContact> contacts;
  for (int i = 0; i < data->ncon; ++i) {
    const mjContact& contact = data->contact[i];
    if (contacts.empty() || contacts.back().geom[0] != contact.geom[0] ||
        contacts.back().geom[1] != contact.geom[1]) {
      contacts.push_back(contact);
    }
  }
  return contacts;
}

std::vector<Geoms> geoms_of(const std::vector<mjContact>& contacts) {
  std::vector<Geoms> geoms;
  for (const mjContact& contact : contacts) {
    geoms.emplace_back(contact.geom[0], contact.geom[1]);
  }
  return geoms;
}

/// Friction of a pair as the engine mixes it from the geoms of a world.
std::vector<double> friction_of(const mjModel& model, const GeomPair<double>& pair) {
  if (pair.friction_rule == FrictionRule::kOfPair) {
    return {pair.friction.begin(), pair.friction.end()};
  }
  const auto value = [&](int i) {
    const double first = model.geom_friction[3 * pair.geom1 + i];
    const double second = model.geom_friction[3 * pair.geom2 + i];
    const double larger = std::max(first, second);
    return std::max(mjMINMU, pair.friction_rule == FrictionRule::kFirst    ? first
                             : pair.friction_rule == FrictionRule::kSecond ? second
                                                                           : larger);
  };
  return {value(0), value(0), value(1), value(2), value(2)};
}

void expect_parameters(const mjModel& model, const GeomPair<double>& pair,
                       const mjContact& contact) {
  SCOPED_TRACE("geoms " + std::to_string(pair.geom1) + " and " + std::to_string(pair.geom2));
  const auto list = [](const auto& values) {
    return std::vector<double>(std::begin(values), std::end(values));
  };
  EXPECT_EQ(pair.condim, contact.dim);
  EXPECT_EQ(pair.margin, contact.includemargin);
  EXPECT_EQ(list(pair.solref), list(contact.solref));
  EXPECT_EQ(list(pair.solreffriction), list(contact.solreffriction));
  EXPECT_EQ(list(pair.solimp), list(contact.solimp));
  EXPECT_EQ(friction_of(model, pair), list(contact.friction));
}

/// The same pairs as MuJoCo, in its order, with its parameters.
void expect_as_mujoco(const mjModel& model) {
  const CollisionPairs<double> pairs = make_collision_pairs<double>(model);
  const std::vector<mjContact> contacts = contacts_of(model);
  ASSERT_EQ(geoms_of(pairs), geoms_of(contacts));
  for (std::size_t i = 0; i < contacts.size(); ++i) {
    expect_parameters(model, pairs.pairs[i], contacts[i]);
  }
}

/// Trees of bodies with and without joints, all near the origin, with random filters.
class RandomModel {
 public:
  explicit RandomModel(unsigned seed) : random_(seed) {}

  std::string mjcf() {
    const std::string flags = chance(0.2) ? "midphase='disable'" : "";
    const std::string parents = chance(0.3) ? " filterparent='disable'" : "";
    std::string text = "<mujoco><option><flag " + flags + parents + "/></option><worldbody>";
    text += chance(0.7) ? "<geom type='plane' size='1 1 1' margin='9'/>" : "";
    text += geoms();
    while (num_bodies_ < 8) {
      text += body(0);
    }
    text += "</worldbody><contact>";
    for (int i = 0; i < 3; ++i) {
      text += exclude() + pair() + pair();
    }
    return text + "</contact></mujoco>";
  }

 private:
  bool chance(double p) { return std::bernoulli_distribution(p)(random_); }
  int below(int limit) { return std::uniform_int_distribution(0, limit - 1)(random_); }
  std::string number(double low, double high) {
    return std::to_string(std::uniform_real_distribution(low, high)(random_));
  }
  std::string quoted(const char* name, const std::string& value) {
    return std::string(" ") + name + "='" + value + "'";
  }

  std::string parameters() {
    std::string text = quoted("margin", number(3, 5)) + quoted("gap", number(0, 1));
    text += quoted("friction", number(0, 1) + ' ' + number(0, 0.1) + ' ' + number(0, 0.1));
    text += quoted("condim", std::vector<std::string>{"1", "3", "4", "6"}[below(4)]);
    text += quoted("solimp", number(0.5, 0.8) + ' ' + number(0.8, 0.9));
    if (chance(0.3)) {
      return text + quoted("solref", number(-900, -100) + ' ' + number(-90, -10));
    }
    return text + quoted("solref", number(0.01, 0.1) + ' ' + number(0.5, 1));
  }

  std::string geom() {
    const char* types[] = {"sphere", "capsule", "box"};
    std::string text = "<geom" + quoted("name", "g" + std::to_string(num_geoms_++));
    text += quoted("type", types[below(3)]) + " size='.1 .1 .1'" + parameters();
    text += quoted("pos", number(-.1, .1) + ' ' + number(-.1, .1) + ' ' + number(0, .2));
    text += chance(0.3) ? quoted("priority", std::to_string(below(3))) : "";
    text += quoted("solmix", chance(0.2) ? "0" : number(0.1, 2));
    if (chance(0.5)) {
      text += quoted("contype", std::to_string(below(4)));
      text += quoted("conaffinity", std::to_string(below(4)));
    }
    return text + "/>";
  }
  std::string geoms() {
    std::string text;
    for (int i = below(4); i > 0; --i) {
      text += geom();
    }
    return text;
  }
  std::string body(int depth) {
    std::string text = "<body" + quoted("name", "b" + std::to_string(num_bodies_++));
    const bool mocap = depth == 0 && chance(0.15);
    text += mocap ? " mocap='true'>" : ">";
    if (!mocap && chance(0.65)) {
      text += depth == 0 && chance(0.5) ? "<freejoint/>" : "<joint axis='1 1 0'/>";
      text += "<inertial pos='0 0 0' mass='1' diaginertia='1 1 1'/>";
    }
    text += geoms();
    while (depth < 4 && num_bodies_ < 12 && chance(0.55)) {
      text += body(depth + 1);
    }
    return text + "</body>";
  }
  std::string exclude() {
    const int first = below(num_bodies_);
    const int second = below(num_bodies_);
    if (first == second || !excluded_.insert(std::minmax(first, second)).second) {
      return "";
    }
    return "<exclude body1='b" + std::to_string(first) + "' body2='b" + std::to_string(second) +
           "'/>";
  }
  std::string pair() {
    if (num_geoms_ < 2) {
      return "";
    }
    const int first = below(num_geoms_);
    const int second = below(num_geoms_);
    if (first == second || !paired_.insert(std::minmax(first, second)).second) {
      return "";
    }
    std::string text = "<pair" + quoted("geom1", "g" + std::to_string(first)) +
                       quoted("geom2", "g" + std::to_string(second));
    text += chance(0.5) ? quoted("condim", "3") + quoted("friction", "0 .2 .3 .4 0") : "";
    text += chance(0.5) ? quoted("solreffriction", ".05 .7") : "";
    return text + quoted("margin", number(3, 5)) + quoted("gap", number(0, 1)) + "/>";
  }

  std::mt19937_64 random_;
  int num_bodies_ = 0, num_geoms_ = 0;
  std::set<std::pair<int, int>> excluded_, paired_;
};

TEST(PhysicsPairsTest, RandomTreesHaveMujocosPairsInItsOrder) {
  std::size_t num_pairs = 0, num_explicit = 0;
  for (unsigned seed = 0; seed < 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const std::string mjcf = RandomModel(seed).mjcf();
    const ModelPtr model = compile(mjcf);
    expect_as_mujoco(*model);
    ASSERT_FALSE(HasFailure()) << mjcf;
    num_pairs += make_collision_pairs<double>(*model).pairs.size();
    num_explicit += static_cast<std::size_t>(model->npair);
  }
  EXPECT_GT(num_pairs, 10000U);
  EXPECT_GT(num_explicit, 500U);
}

TEST(PhysicsPairsTest, ColumnsAreTheDofsThatMoveOneBodyOnly) {
  const ModelPtr model = fleet::testing::task_model("g1-flat");
  const DataPtr data = make_data(*model);
  mj_forward(model.get(), data.get());
  const CollisionPairs<double> pairs = make_collision_pairs<double>(*model);
  const auto nv = static_cast<std::size_t>(model->nv);
  const mjtNum point[3] = {0.123, 0.456, 0.789};
  for (const GeomPair<double>& pair : pairs.pairs) {
    std::vector<mjtNum> first(3 * nv), second(3 * nv);
    mj_jac(model.get(), data.get(), first.data(), nullptr, point, pair.body1);
    mj_jac(model.get(), data.get(), second.data(), nullptr, point, pair.body2);
    std::vector<int> expected;
    for (std::size_t dof = 0; dof < nv; ++dof) {
      if (first[dof] != second[dof] || first[nv + dof] != second[nv + dof] ||
          first[2 * nv + dof] != second[2 * nv + dof]) {
        expected.push_back(static_cast<int>(dof));
      }
    }
    const auto begin = pairs.columns.begin() + pair.column_adr;
    EXPECT_EQ(std::vector<int>(begin, begin + pair.num_columns), expected);
  }
}

TEST(PhysicsPairsTest, SlotsFollowEachOther) {
  const CollisionPairs<float> pairs =
      make_collision_pairs<float>(*fleet::testing::task_model("go2-flat"));
  int next = 0;
  for (const GeomPair<float>& pair : pairs.pairs) {
    EXPECT_EQ(pair.first_slot, next);
    next += pair.num_slots;
  }
  EXPECT_EQ(pairs.num_slots, next);
}

std::string refusal(const std::string& mjcf) {
  try {
    make_collision_pairs<float>(*compile(mjcf));
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(PhysicsPairsTest, AllThatCannotCollideIsNamedAtOnce) {
  const std::string message = refusal(R"(
<mujoco>
  <worldbody>
    <geom name="floor" type="plane" size="1 1 1"/>
    <geom name="post" type="cylinder" size=".1 .1"/>
    <body>
      <freejoint/>
      <geom name="ball" type="sphere" size=".1"/>
      <geom name="egg" type="ellipsoid" size=".1 .1 .2"/>
      <geom name="crate" type="box" size=".1 .1 .1" adhesion="1"/>
    </body>
  </worldbody>
</mujoco>)");
  EXPECT_THAT(message,
              AllOf(HasSubstr("collision of ellipsoid with cylinder (\"egg\" and \"post\")"),
                    HasSubstr("collision of cylinder with box"),
                    HasSubstr("adhesion (\"floor\" and \"crate\", 2 pairs)")));
  EXPECT_THAT(message, Not(HasSubstr("sphere")));
  EXPECT_THAT(message, Not(HasSubstr("\n")));
}

TEST(PhysicsPairsTest, CapsulesLieOnCapsInOnePointWithoutMulticcd) {
  for (const bool multiccd : {true, false}) {
    const std::string flag = multiccd ? "enable" : "disable";
    const ModelPtr model = compile("<mujoco><option><flag multiccd='" + flag + R"('/></option>
  <worldbody>
    <geom type="cylinder" size=".2 .1"/>
    <body pos="0 0 .145"><freejoint/><geom type="capsule" size=".05 .1" euler="0 90 0"/></body>
  </worldbody>
</mujoco>)");
    const DataPtr data = make_data(*model);
    mj_forward(model.get(), data.get());
    EXPECT_EQ(data->ncon, multiccd ? 2 : 1);
    EXPECT_EQ(make_collision_pairs<double>(*model).num_slots, data->ncon);
  }
}

TEST(PhysicsPairsTest, WhatCannotTouchNeedsNoCollider) {
  EXPECT_EQ(refusal(R"(
<mujoco>
  <worldbody>
    <geom type="plane" size="1 1 1"/>
    <geom type="cylinder" size=".1 .1" contype="0" conaffinity="0"/>
    <body>
      <freejoint/>
      <geom type="cylinder" size=".1 .1"/>
      <geom type="ellipsoid" size=".1 .1 .2"/>
    </body>
  </worldbody>
</mujoco>)"),
            "");
}

}  // namespace
}  // namespace fleet::sim
