#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cuda/physics/collision.h"
#include "sim/physics_model.h"
#include "tests/support/physics_models.h"
#include "tests/support/physics_states.h"

namespace fleet::physics {
namespace {

using fleet::testing::compile;

struct Contact {
  int geom1 = 0, geom2 = 0;
  std::array<double, 13> values{};  ///< dist, pos, frame

  double dist() const { return values[0]; }
  /// Bit for bit.
  bool operator==(const Contact& other) const {
    return geom1 == other.geom1 && geom2 == other.geom2 &&
           std::memcmp(values.data(), other.values.data(), sizeof(values)) == 0;
  }
};
using Contacts1 = std::vector<Contact>;  // of one world

Contacts1 contacts_of(const mjData& data) {
  Contacts1 result;
  for (int i = 0; i < data.ncon; ++i) {
    const mjContact& from = data.contact[i];
    Contact& to = result.emplace_back(Contact{from.geom[0], from.geom[1], {from.dist}});
    std::copy_n(from.pos, 3, &to.values[1]);
    std::copy_n(from.frame, 9, &to.values[4]);
  }
  return result;
}

/// The engine with the poses of geoms that it is given, one mjData per world.
template <class R>
class Pack {
 public:
  explicit Pack(const mjModel& model)
      : physics_(sim::make_physics<ScalarOf<R>>(model)), data_(physics_) {}

  void set_world(int world, const double* geom_xpos, const double* geom_xmat) {
    const auto copy = [&](AlignedVector<R>& to, const double* from) {
      for (std::size_t i = 0; i < to.size(); ++i) {
        set_lane(to[i], world, static_cast<ScalarOf<R>>(from[i]));
      }
    };
    copy(data_.geom_xpos, geom_xpos);
    copy(data_.geom_xmat, geom_xmat);
  }
  void collide() { physics::collide(physics_.model, data_); }

  /// Also holds that slots ascend, and that worlds without a contact hold harmless numbers.
  Contacts1 contacts_of(int world) const {
    Contacts1 result;
    const Contacts<R>& c = data_.contact;
    for (int i = 0; i < c.num; ++i) {
      const auto& pair = physics_.model.pairs[c.pair[i]];
      EXPECT_TRUE(any(c.active[i]));
      EXPECT_TRUE(i == 0 || c.slot[i - 1] < c.slot[i]);
      EXPECT_TRUE(pair.first_slot <= c.slot[i] && c.slot[i] < pair.first_slot + pair.num_slots);
      Contact found{pair.geom1, pair.geom2, {lane(c.dist[i], world)}};
      for (int k = 0; k < 3; ++k) {
        found.values[1 + k] = lane(c.pos[3 * i + k], world);
      }
      for (int k = 0; k < 9; ++k) {
        found.values[4 + k] = lane(c.frame[9 * i + k], world);
      }
      if (lane(c.active[i], world)) {
        result.push_back(found);
      } else {
        EXPECT_TRUE(found.dist() == 1.0 && found.values[1] == 0.0);
        EXPECT_TRUE(std::ranges::all_of(found.values, [](double x) { return std::isfinite(x); }));
      }
    }
    return result;
  }

 private:
  Physics<ScalarOf<R>> physics_;
  PhysicsData<R> data_;
};

using Geoms = std::pair<int, int>;
std::map<Geoms, Contacts1> by_pair(const Contacts1& contacts) {
  std::map<Geoms, Contacts1> result;
  for (const Contact& contact : contacts) {
    result[{contact.geom1, contact.geom2}].push_back(contact);
  }
  return result;
}

/// The largest difference from `begin` to `end` of the values; infinite if the geoms differ.
double difference(const Contacts1& a, const Contacts1& b, std::size_t begin = 0,
                  std::size_t end = 13) {
  double largest = 0.0;
  if (!std::ranges::equal(
          a, b, {}, [](const Contact& c) { return Geoms(c.geom1, c.geom2); },
          [](const Contact& c) { return Geoms(c.geom1, c.geom2); })) {
    return INFINITY;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t k = begin; k < end; ++k) {
      largest = std::max(largest, std::abs(a[i].values[k] - b[i].values[k]));
    }
  }
  return largest;
}

void find_contacts(const mjModel& model, mjData& data) {
  mj_kinematics(&model, &data);
  mj_comPos(&model, &data);
  mj_collision(&model, &data);
}

std::string text(const Contacts1& contacts) {
  std::string lines;
  for (const Contact& c : contacts) {
    lines += "\n  " + std::to_string(c.geom1) + " " + std::to_string(c.geom2) + ":";
    for (const double value : c.values) {
      lines += " " + std::to_string(value);
    }
  }
  return lines;
}

/// @returns the number of contacts
int expect_equals_mujoco(const mjModel& model, mjData& data, Pack<double>& pack,
                         double tolerance = 1e-9) {  // m, and for the frame; sizes are some 0.1 m
  find_contacts(model, data);
  pack.set_world(0, data.geom_xpos, data.geom_xmat);
  pack.collide();
  const Contacts1 expected = contacts_of(data);
  const Contacts1 found = pack.contacts_of(0);
  EXPECT_LE(difference(expected, found), tolerance)
      << "MuJoCo:" << text(expected) << "\nfound:" << text(found);
  return data.ncon;
}

void expect_equals_mujoco_in_random_states(const mjModel& model) {
  const sim::DataPtr data = sim::make_data(model);
  Pack<double> pack(model);
  std::mt19937_64 random(1);
  int num_contacts = 0;
  for (int i = 0; i < 1000 && !::testing::Test::HasFailure(); ++i) {
    fleet::testing::randomise(model, *data, random);
    num_contacts += expect_equals_mujoco(model, *data, pack);
  }
  EXPECT_TRUE(num_contacts > 100 || sim::make_physics<double>(model).model.nslot == 0)
      << num_contacts;
}

TEST(PhysicsCollisionTest, TasksRobotsTouchAsInMujoco) {
  for (const std::string& task : fleet::testing::kTaskModels) {
    SCOPED_TRACE(task);
    expect_equals_mujoco_in_random_states(*fleet::testing::task_model(task));
  }
}

TEST(PhysicsCollisionTest, AssetsTouchAsInMujoco) {
  for (const std::string& file : fleet::testing::kAssetModels) {
    SCOPED_TRACE(file);
    expect_equals_mujoco_in_random_states(*fleet::testing::asset_model(file));
  }
}

/// Loose bodies of every shape and random sizes, two geoms each, above two planes. Cylinders and
/// ellipsoids touch planes only. `grid`: sizes and places are multiples of this, in m; 0: none.
std::string heap(std::mt19937_64& random, bool margins, double grid) {
  const auto number = [&](double low, double high) {
    double x = std::uniform_real_distribution(low, high)(random);
    if (grid > 0) {
      x = std::max(std::round(x / grid) * grid, low > 0 ? grid : low);
    }
    return std::to_string(x) + ' ';
  };
  std::string mjcf = R"(
<mujoco>
  <worldbody>
    <geom type="plane" size="1 1 1" conaffinity="3"/>
    <geom type="plane" size="1 1 1" pos=".1 0 -.1" euler="25 10 0" conaffinity="3"/>)";
  for (const char* type :
       {"sphere", "capsule", "box", "cylinder", "ellipsoid", "sphere", "capsule", "box"}) {
    const bool planes_only = std::string(type) == "cylinder" || std::string(type) == "ellipsoid";
    mjcf += "<body><freejoint/>";
    for (int i = 0; i < 2; ++i) {
      mjcf += "<geom type='" + std::string(type) + "' size='";
      mjcf += number(0.02, 0.1) + number(0.02, 0.15) + number(0.02, 0.1) + "' pos='";
      mjcf += number(-0.1, 0.1) + number(-0.1, 0.1) + number(-0.1, 0.1) + "'";
      mjcf += planes_only ? " contype='2' conaffinity='0'" : "";
      mjcf += margins ? " margin='.01' gap='.005'/>" : "/>";
    }
    mjcf += "</body>";
  }
  return mjcf + "</worldbody></mujoco>";
}

/// Free bodies at random places; on the grid, if there is one, and turned by multiples of 90
/// degrees.
void scatter(const mjModel& model, mjData& data, std::mt19937_64& random, double grid) {
  std::uniform_real_distribution uniform(-1.0, 1.0);
  constexpr double kTurns[6][4] = {{1, 0, 0, 0}, {1, 1, 0, 0}, {1, 0, 1, 0},
                                   {1, 0, 0, 1}, {0, 1, 0, 0}, {1, 1, 1, 1}};
  for (int j = 0; j < model.njnt; ++j) {
    double* const q = data.qpos + 7 * j;
    const auto turn = static_cast<std::size_t>(random() % 6);
    for (int i = 0; i < 7; ++i) {
      q[i] = i < 3 ? 0.2 * uniform(random) : uniform(random);
      if (grid > 0) {
        q[i] = i < 3 ? std::round(q[i] / grid) * grid : kTurns[turn][i - 3];
      }
    }
    mju_normalize4(q + 3);
  }
}

TEST(PhysicsCollisionTest, EveryKindOfPairTouchesAsInMujoco) {
  std::mt19937_64 random(2);
  std::map<Geoms, int> pairs_of_types;
  for (int i = 0; i < 40 && !HasFailure(); ++i) {
    const sim::ModelPtr model = compile(heap(random, i % 2 == 1, 0.0));
    const sim::DataPtr data = sim::make_data(*model);
    Pack<double> pack(*model);
    for (int k = 0; k < 50 && !HasFailure(); ++k) {
      scatter(*model, *data, random, 0.0);
      expect_equals_mujoco(*model, *data, pack);
      for (const auto& [geoms, contacts] : by_pair(contacts_of(*data))) {
        ++pairs_of_types[{model->geom_type[geoms.first], model->geom_type[geoms.second]}];
      }
    }
  }
  for (const Geoms& types : {Geoms(mjGEOM_PLANE, mjGEOM_SPHERE),
                             {mjGEOM_PLANE, mjGEOM_CAPSULE},
                             {mjGEOM_PLANE, mjGEOM_ELLIPSOID},
                             {mjGEOM_PLANE, mjGEOM_CYLINDER},
                             {mjGEOM_PLANE, mjGEOM_BOX},
                             {mjGEOM_SPHERE, mjGEOM_SPHERE},
                             {mjGEOM_SPHERE, mjGEOM_CAPSULE},
                             {mjGEOM_SPHERE, mjGEOM_BOX},
                             {mjGEOM_CAPSULE, mjGEOM_CAPSULE},
                             {mjGEOM_CAPSULE, mjGEOM_BOX},
                             {mjGEOM_BOX, mjGEOM_BOX}}) {
    EXPECT_GT(pairs_of_types[types], 500) << types.first << ' ' << types.second;
  }
}

/// Aligned bodies, with sizes and places such that surfaces meet exactly: several answers are
/// right, and rounding chooses. Moved by some 10 micrometres, they have one, which is ill
/// conditioned where surfaces are nearly parallel.
TEST(PhysicsCollisionTest, OnlyTiesDifferFromMujoco) {
  constexpr double kGrid = 0.025;
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal(0.0, 1e-5);
  int num_pairs = 0;
  std::map<Geoms, int> ties;
  for (int i = 0; i < 60 && !HasFailure(); ++i) {
    const sim::ModelPtr model = compile(heap(random, i % 2 == 1, kGrid));
    const sim::DataPtr data = sim::make_data(*model);
    Pack<double> pack(*model);
    for (int k = 0; k < 20 && !HasFailure(); ++k) {
      scatter(*model, *data, random, kGrid);
      find_contacts(*model, *data);
      pack.set_world(0, data->geom_xpos, data->geom_xmat);
      pack.collide();
      auto expected = by_pair(contacts_of(*data));
      auto found = by_pair(pack.contacts_of(0));
      for (const auto& [geoms, contacts] : found) {
        expected.try_emplace(geoms);
      }
      num_pairs += static_cast<int>(expected.size());
      for (const auto& [geoms, contacts] : expected) {
        if (difference(contacts, found[geoms]) > 1e-9) {
          ++ties[{model->geom_type[geoms.first], model->geom_type[geoms.second]}];
        }
      }
      std::for_each_n(data->qpos, model->nq, [&](double& q) { q += normal(random); });
      expect_equals_mujoco(*model, *data, pack, 1e-7);
    }
  }
  int num_ties = 0;
  for (const auto& [types, count] : ties) {
    RecordProperty("ties_" + std::to_string(types.first) + "_" + std::to_string(types.second),
                   count);
    num_ties += count;
  }
  RecordProperty("pairs", num_pairs);
  EXPECT_LT(num_ties, num_pairs / 20) << num_pairs;
}

TEST(PhysicsCollisionTest, CoincidingCentresHaveANormal) {
  const sim::ModelPtr model = compile(R"(
<mujoco>
  <worldbody>
    <body><freejoint/><geom type="sphere" size=".1"/></body>
    <body><freejoint/><geom type="sphere" size=".1" euler="30 0 0"/></body>
    <body><freejoint/><geom type="box" size=".2 .1 .3"/></body>
  </worldbody>
</mujoco>)");
  const sim::DataPtr data = sim::make_data(*model);
  Pack<double> pack(*model);
  EXPECT_EQ(expect_equals_mujoco(*model, *data, pack), 3);
  mju_euler2Quat(data->qpos + 10, std::array{0.0, 0.5, 0.0}.data(), "xyz");
  EXPECT_EQ(expect_equals_mujoco(*model, *data, pack), 3);
}

TEST(PhysicsCollisionTest, DisabledContactsAreNotFound) {
  const sim::ModelPtr model = compile(R"(
<mujoco>
  <option><flag contact="disable"/></option>
  <worldbody>
    <geom type="plane" size="1 1 1"/>
    <body><freejoint/><geom type="sphere" size=".1"/></body>
  </worldbody>
</mujoco>)");
  const sim::DataPtr data = sim::make_data(*model);
  Pack<double> pack(*model);
  EXPECT_EQ(expect_equals_mujoco(*model, *data, pack), 0);
}

/// Poses of geoms in worlds of one model, and what MuJoCo finds there.
struct Worlds {
  struct World {
    std::vector<double> geom_xpos, geom_xmat;
    Contacts1 contacts;
  };
  sim::ModelPtr model;
  std::vector<World> worlds;

  Worlds(sim::ModelPtr of, int num_worlds, auto&& set_state) : model(std::move(of)) {
    const sim::DataPtr data = sim::make_data(*model);
    for (int i = 0; i < num_worlds; ++i) {
      set_state(*model, *data);
      find_contacts(*model, *data);
      worlds.push_back({{data->geom_xpos, data->geom_xpos + 3 * model->ngeom},
                        {data->geom_xmat, data->geom_xmat + 9 * model->ngeom},
                        contacts_of(*data)});
    }
  }

  template <class R>
  void set(Pack<R>& pack, int lane, int world) const {
    pack.set_world(lane, worlds[world].geom_xpos.data(), worlds[world].geom_xmat.data());
  }
};

std::vector<Worlds> robots_and_heaps() {
  std::mt19937_64 random(4);
  std::vector<Worlds> result;
  for (const char* task : {"go1-flat", "g1-flat", "go2-flat"}) {
    result.emplace_back(fleet::testing::task_model(task), 320, [&](const mjModel& m, mjData& d) {
      fleet::testing::randomise(m, d, random);
    });
  }
  for (int i = 0; i < 20; ++i) {
    result.emplace_back(compile(heap(random, i % 2 == 1, 0.0)), 16,
                        [&](const mjModel& m, mjData& d) { scatter(m, d, random, 0.0); });
  }
  return result;
}

/// Single precision resolves 1e-7 of the 0.1 to 1 m that things measure. Points may slide along
/// nearly parallel segments; a normal between segments that nearly cross is a small difference.
TEST(PhysicsCollisionTest, FloatPacksDeviateLittle) {
  double dist = 0.0, pos = 0.0, frame = 0.0;
  int num_contacts = 0;
  for (const Worlds& states : robots_and_heaps()) {
    Pack<FloatPack<16>> pack(*states.model);
    for (int first = 0; first < static_cast<int>(states.worlds.size()); first += 16) {
      for (int i = 0; i < 16; ++i) {
        states.set(pack, i, first + i);
      }
      pack.collide();
      for (int i = 0; i < 16; ++i) {
        const Contacts1& expected = states.worlds[first + i].contacts;
        const Contacts1 found = pack.contacts_of(i);
        num_contacts += static_cast<int>(expected.size());
        dist = std::max(dist, difference(expected, found, 0, 1));
        pos = std::max(pos, difference(expected, found, 1, 4));
        frame = std::max(frame, difference(expected, found, 4, 13));
      }
    }
  }
  EXPECT_GT(num_contacts, 10000);
  EXPECT_LT(dist, 2e-7);
  EXPECT_LT(pos, 1e-5);
  EXPECT_LT(frame, 5e-4);
}

/// The bits of a world's contacts, whatever the other worlds of its pack are.
TEST(PhysicsCollisionTest, NeitherWidthNorLaneNorNeighboursChangeAWorld) {
  for (const Worlds& states : robots_and_heaps()) {
    Pack<FloatPack<16>> wide(*states.model), turned(*states.model), lonely(*states.model);
    Pack<FloatPack<8>> narrow(*states.model);
    for (int i = 0; i < 16; ++i) {
      states.set(wide, i, i);
      states.set(turned, (i + 5) % 16, i);
    }
    wide.collide();
    turned.collide();
    for (int i = 0; i < 16; ++i) {
      for (int k = 0; k < 8; ++k) {
        states.set(narrow, k, (i + 3 * k) % 16);
      }
      for (int k = 0; k < 16; ++k) {
        states.set(lonely, k, i);
      }
      narrow.collide();
      lonely.collide();
      const Contacts1 expected = wide.contacts_of(i);
      EXPECT_EQ(expected, turned.contacts_of((i + 5) % 16));
      EXPECT_EQ(expected, narrow.contacts_of(0));
      EXPECT_EQ(expected, lonely.contacts_of(i));
    }
  }
}

}  // namespace
}  // namespace fleet::physics
