// The engine's sensors against MuJoCo's, from MuJoCo's own kinematics, contacts and forces: what
// differs here is the sensors' doing.

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "cuda/physics/sensor.h"
#include "sim/physics_model.h"
#include "sim/physics_support.h"
#include "tests/support/physics_models.h"
#include "tests/support/physics_sensors.h"
#include "tests/support/physics_states.h"
#include "tests/support/same_bits.h"

namespace fleet::sim {
namespace {

using physics::FloatPack;

constexpr int kNumStates = 300;

/// Every sensor that the engine has, on joints of every type, with sites of every shape.
constexpr const char* kAllSensors = R"(
<mujoco>
  <option magnetic="0.1 -0.5 0.3"/>
  <worldbody>
    <geom name="floor" type="plane" size="5 5 .1"/>
    <body name="fixed" pos=".1 .2 .3" euler="10 20 30"><site name="beacon" pos=".1 0 0"/></body>
    <body name="step" pos="0 0 .01"><geom name="step" type="box" size=".3 .3 .01"/></body>
    <body name="trunk" pos="0 0 .3">
      <freejoint name="root"/>
      <geom name="trunk" type="box" size=".2 .1 .05" mass="3" pos=".02 0 .01"/>
      <site name="imu" pos=".05 .02 .01" euler="10 20 30"/>
      <site name="ball" type="sphere" size=".15"/>
      <site name="pill" type="capsule" size=".1 .1" pos=".1 .1 0" euler="0 80 0"/>
      <site name="egg" type="ellipsoid" size=".4 .3 .15"/>
      <site name="can" type="cylinder" size=".25 .06" euler="20 0 0"/>
      <site name="box" type="box" size=".22 .12 .07"/>
      <body name="leg" pos=".15 .1 0">
        <joint name="hip" type="ball" range="0 1"/>
        <geom name="leg" type="capsule" size=".03" fromto="0 0 0 .02 0 -.2" mass="1"/>
        <body name="shin" pos=".02 0 -.2">
          <joint name="knee" axis="0 1 0" range="-1 1" limited="true" margin=".3"/>
          <joint name="slide" type="slide" axis="0 .6 .8" range="-.05 .05" limited="true" margin=".01"/>
          <geom name="shin" type="capsule" size=".02" fromto="0 0 0 .05 0 -.2" mass=".5"/>
          <geom name="foot" type="sphere" size=".03" pos=".05 0 -.2" mass=".1"/>
          <site name="ankle" pos=".05 0 -.2" size=".04" euler="0 40 0"/>
          <site name="sole" type="box" size=".05 .05 .03" pos=".05 0 -.22"/>
          <body name="toe" pos=".1 0 -.2"><geom name="toe" type="sphere" size=".02" mass=".02"/></body>
        </body>
      </body>
      <body name="arm" pos="-.15 -.1 0">
        <joint name="shoulder" axis="1 0 0"/>
        <geom name="arm" type="sphere" size=".05" pos="0 -.1 0" mass=".3"/>
      </body>
    </body>
    <body name="other" pos=".3 0 .2">
      <freejoint/>
      <geom name="other" type="sphere" size=".1" mass="1"/>
    </body>
  </worldbody>
  <tendon><fixed name="cord"><joint joint="knee" coef="2"/><joint joint="shoulder" coef="-1"/></fixed></tendon>
  <actuator>
    <motor name="m" joint="knee" gear="3"/>
    <position name="p" joint="shoulder" kp="20" kv="1"/>
    <motor name="t" tendon="cord" gear="2"/>
    <motor name="t2" tendon="cord"/>
    <motor name="thrust" site="imu" gear="0 0 1 0 0 .1"/>
  </actuator>
  <sensor>
    <touch site="ball"/><touch site="pill"/><touch site="egg"/><touch site="can"/>
    <touch site="box"/><touch site="ankle"/><touch site="sole"/><touch site="sole" cutoff="3"/>
    <accelerometer site="imu"/><accelerometer site="ankle"/><accelerometer site="beacon" cutoff="5"/>
    <velocimeter site="imu"/><velocimeter site="ankle"/><gyro site="imu"/><gyro site="ankle" cutoff="1"/>
    <force site="ankle"/><force site="imu"/><torque site="ankle"/><torque site="imu"/>
    <magnetometer site="imu"/><magnetometer site="ankle"/>
    <jointpos joint="knee"/><jointpos joint="slide"/><jointvel joint="knee"/>
    <tendonpos tendon="cord"/><tendonvel tendon="cord"/>
    <actuatorpos actuator="t"/><actuatorvel actuator="p"/><actuatorfrc actuator="p"/>
    <jointactuatorfrc joint="knee"/><tendonactuatorfrc tendon="cord"/>
    <ballquat joint="hip"/><ballangvel joint="hip"/>
    <jointlimitpos joint="knee"/><jointlimitvel joint="knee"/><jointlimitfrc joint="knee"/>
    <jointlimitpos joint="slide"/><jointlimitvel joint="slide"/><jointlimitfrc joint="slide"/>
    <framepos objtype="body" objname="shin"/><framepos objtype="xbody" objname="shin"/>
    <framepos objtype="geom" objname="foot" reftype="site" refname="imu"/>
    <framequat objtype="body" objname="shin"/><framequat objtype="geom" objname="shin"/>
    <framequat objtype="site" objname="ankle" reftype="body" refname="trunk"/>
    <framequat objtype="xbody" objname="arm" reftype="geom" refname="leg"/>
    <framexaxis objtype="site" objname="imu"/>
    <frameyaxis objtype="geom" objname="shin" reftype="xbody" refname="trunk"/>
    <framezaxis objtype="body" objname="leg"/>
    <framelinvel objtype="geom" objname="foot"/><frameangvel objtype="xbody" objname="shin"/>
    <framelinvel objtype="site" objname="ankle" reftype="site" refname="imu"/>
    <frameangvel objtype="body" objname="shin" reftype="body" refname="other"/>
    <framelinacc objtype="geom" objname="foot"/><frameangacc objtype="xbody" objname="shin"/>
    <framelinacc objtype="xbody" objname="fixed"/>
    <subtreecom body="trunk"/><subtreelinvel body="trunk"/><subtreeangmom body="trunk"/>
    <subtreelinvel body="leg"/><subtreeangmom body="leg"/><subtreeangmom body="world"/>
    <insidesite site="ball" objtype="geom" objname="other"/>
    <insidesite site="box" objtype="site" objname="beacon"/>
    <insidesite site="pill" objtype="xbody" objname="leg"/>
    <insidesite site="can" objtype="body" objname="arm"/>
    <insidesite site="egg" objtype="body" objname="other"/>
    <contact num="3" data="found force torque dist pos normal tangent"/>
    <contact num="2" data="found dist" reduce="mindist"/>
    <contact num="3" data="found force torque dist pos normal tangent" reduce="mindist"/>
    <contact num="3" data="found force torque dist pos normal tangent" reduce="maxforce"/>
    <contact data="found force torque dist pos normal tangent" reduce="netforce"/>
    <contact geom1="foot" data="found force" reduce="netforce"/>
    <contact geom2="floor" geom1="trunk" num="2" data="force pos normal tangent" reduce="maxforce"/>
    <contact geom1="floor" num="2" data="found torque normal tangent"/>
    <contact geom2="floor" num="4" data="found force torque normal tangent"/>
    <contact body1="shin" body2="world" data="found force torque pos" reduce="netforce"/>
    <contact body1="toe" body2="step" num="2" data="found force normal"/>
    <contact body1="shin" num="2" data="found force normal"/>
    <contact body1="world" num="2" data="found force normal"/>
    <contact subtree1="world" num="6" data="found force normal" reduce="mindist"/>
    <contact subtree1="trunk" subtree2="trunk" num="2" data="found force normal"/>
    <contact subtree1="trunk" subtree2="world" data="found force torque pos" reduce="netforce"/>
    <contact subtree1="leg" num="5" data="found dist normal" />
    <contact subtree2="leg" num="2" data="found force normal tangent" reduce="mindist"/>
    <contact site="box" num="2" data="found force pos" reduce="maxforce"/>
    <contact site="egg" geom2="floor" data="found force torque pos normal" reduce="netforce"/>
  </sensor>
</mujoco>)";

/// A state with speed, controls and pushes after mj_forward.
DataPtr random_state(const mjModel& m, std::mt19937_64& random) {
  DataPtr d = make_data(m);
  std::normal_distribution<double> normal;
  fleet::testing::randomise(m, *d, random);
  const auto fill = [&](mjtNum* numbers, mjtSize count, double size) {
    for (mjtSize i = 0; i < count; ++i) {
      numbers[i] = size * normal(random);
    }
  };
  fill(d->qvel, m.nv, 2.0);
  fill(d->ctrl, m.nu, 1.0);
  fill(d->xfrc_applied + 6, 6 * (m.nbody - 1), 3.0);
  mj_forward(&m, d.get());
  mj_subtreeVel(&m, d.get());
  mj_rnePostConstraint(&m, d.get());
  return d;
}

/// The largest error of some numbers and their largest magnitude, over all states.
struct Comparison {
  double error = 0.0;
  double scale = 0.0;

  void add(const mjtNum* expected, const double* actual, int count) {
    for (int i = 0; i < count; ++i) {
      const double difference = std::abs(expected[i] - actual[i]);
      error = difference <= error ? error : difference;  // a NaN counts
      scale = std::max(scale, std::abs(expected[i]));
    }
  }
};

std::string sensor_label(const mjModel& m, int i) {
  return label(m, mjOBJ_SENSOR, i) + " of type " + std::to_string(m.sensor_type[i]);
}

/// Compares a model's sensors and what they are made from. @returns per sensor
std::vector<Comparison> expect_sensors_of_mujoco(const mjModel& m) {
  const auto physics = make_physics<double>(m);
  physics::PhysicsMemory<double> d(physics);
  std::vector<Comparison> sensors(m.nsensor);
  std::vector<Comparison> arrays(5);
  std::mt19937_64 random(7);
  int num_contacts = 0;
  for (int state = 0; state < kNumStates; ++state) {
    const DataPtr reference = random_state(m, random);
    const mjData* const states[] = {reference.get()};
    fleet::testing::load_arrays<double>(m, states, d);
    fleet::testing::load_contacts<double>(m, physics.model, states, d);
    fleet::testing::load_limits<double>(m, states, d);
    EXPECT_EQ(d.contact.num, reference->ncon);
    num_contacts += reference->ncon;
    std::fill(d.sensordata.begin(), d.sensordata.end(), std::nan(""));
    physics::sensor_pos(physics.model, d);
    physics::sensor_vel(physics.model, d);
    physics::sensor_acc(physics.model, d);
    physics::subtree_vel(physics.model, d);
    physics::rne_post_constraint(physics.model, d);
    for (int i = 0; i < m.nsensor; ++i) {
      const int adr = m.sensor_adr[i];
      sensors[i].add(reference->sensordata + adr, &d.sensordata[adr], m.sensor_dim[i]);
    }
    const int nbody = static_cast<int>(m.nbody);
    arrays[0].add(reference->subtree_linvel, d.subtree_linvel.data(), 3 * nbody);
    arrays[1].add(reference->subtree_angmom, d.subtree_angmom.data(), 3 * nbody);
    arrays[2].add(reference->cacc, d.cacc.data(), 6 * nbody);
    arrays[3].add(reference->cfrc_int, d.cfrc_int.data(), 6 * nbody);
    arrays[4].add(reference->cfrc_ext, d.cfrc_ext.data(), 6 * nbody);
  }
  double worst = 0.0;
  const auto judge = [&](const Comparison& c, const std::string& what) {
    EXPECT_LE(c.error, 1e-9 * std::max(c.scale, 1e-6)) << what << ", largest " << c.scale;
    worst = std::max(worst, c.scale > 0.0 ? c.error / c.scale : 0.0);
  };
  for (int i = 0; i < m.nsensor; ++i) {
    judge(sensors[i], sensor_label(m, i));
  }
  const char* const names[] = {"subtree_linvel", "subtree_angmom", "cacc", "cfrc_int", "cfrc_ext"};
  for (std::size_t k = 0; k < arrays.size(); ++k) {
    judge(arrays[k], names[k]);
  }
  ::testing::Test::RecordProperty("contacts", num_contacts);
  ::testing::Test::RecordProperty("worst", std::to_string(1e16 * worst) + "e-16");
  return sensors;
}

TEST(PhysicsSensorTest, EverySensorIsAsMuJoCos) {
  for (const Comparison& sensor : expect_sensors_of_mujoco(*fleet::testing::compile(kAllSensors))) {
    EXPECT_GT(sensor.scale, 0.0) << "a sensor that never senses is not tested";
  }
}

TEST(PhysicsSensorTest, SensorsOfTaskRobotsAreAsMuJoCos) {
  for (const std::string& task : fleet::testing::kTaskModels) {
    SCOPED_TRACE(task);
    expect_sensors_of_mujoco(*fleet::testing::task_model(task));
  }
}

TEST(PhysicsSensorTest, SensorsOfAssetsAreAsMuJoCos) {
  for (const std::string& file : fleet::testing::kAssetModels) {
    SCOPED_TRACE(file);
    expect_sensors_of_mujoco(*fleet::testing::asset_model(file));
  }
}

/// The sensors of as many states as a pack is wide, in this order.
template <int W>
std::vector<std::vector<float>> pack_sensors(const mjModel& m, const std::vector<DataPtr>& all,
                                             const std::vector<int>& order) {
  using R = FloatPack<W>;
  const auto physics = make_physics<float>(m);
  auto d = std::make_unique<physics::PhysicsMemory<R>>(physics);
  std::vector<const mjData*> states;
  for (int lane = 0; lane < W; ++lane) {
    states.push_back(all[order[lane]].get());
  }
  fleet::testing::load_arrays<R>(m, states, *d);
  fleet::testing::load_contacts<R>(m, physics.model, states, *d);
  fleet::testing::load_limits<R>(m, states, *d);
  physics::sensor_pos(physics.model, *d);
  physics::sensor_vel(physics.model, *d);
  physics::sensor_acc(physics.model, *d);
  std::vector<std::vector<float>> result(all.size());
  for (int lane = 0; lane < W; ++lane) {
    for (const R& x : d->sensordata) {
      result[order[lane]].push_back(x.lane(lane));
    }
  }
  return result;
}

TEST(PhysicsSensorTest, AWorldsBitsDependNeitherOnItsLaneNorOnTheWidth) {
  const ModelPtr model = fleet::testing::compile(kAllSensors);
  std::mt19937_64 random(3);
  std::vector<DataPtr> states;
  std::vector<int> order;
  for (int i = 0; i < 16; ++i) {
    states.push_back(random_state(*model, random));
    order.push_back(i);
  }
  const auto wide = pack_sensors<16>(*model, states, order);
  const auto reversed = pack_sensors<16>(*model, states, {order.rbegin(), order.rend()});
  const auto narrow = pack_sensors<8>(*model, states, order);
  for (std::size_t i = 0; i < 16; ++i) {
    EXPECT_TRUE(testing::same_bits(wide[i], reversed[i])) << i;
    if (i < 8) {
      EXPECT_TRUE(testing::same_bits(wide[i], narrow[i])) << i;
    }
    for (std::size_t k = 0; k < wide[i].size(); ++k) {
      const double exact = states[i]->sensordata[k];
      EXPECT_NEAR(wide[i][k], exact, 2e-4 * std::max(std::abs(exact), 10.0)) << k;
    }
  }
}

}  // namespace
}  // namespace fleet::sim
