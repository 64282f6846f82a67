package postgres

import "testing"

func TestWaveOf_NeverExceedsTheRateAndComesNear(t *testing.T) {
	t.Parallel()
	for rate := 1; rate <= 6000; rate++ {
		size, pause := waveOf(rate)
		perMinute := float64(size) * 60 / float64(pause)
		if size < 1 || size > maxWave || pause < 1 || perMinute > float64(rate) {
			t.Fatalf("rate %d: %d leads every %d s", rate, size, pause)
		}
		if perMinute < 0.8*float64(rate) {
			t.Errorf("rate %d: %.1f a minute", rate, perMinute)
		}
	}
}

func TestBatchSize_IsBoundedInLeadsAndInTime(t *testing.T) {
	t.Parallel()
	for rate, want := range map[int]int32{1: 10, 7: 70, 20: 200, 600: 200, 6000: 200} {
		if got := batchSize(rate); got != want {
			t.Errorf("rate %d: %d leads, want %d", rate, got, want)
		}
	}
}
