export { AnalysisService } from './analysis.service';
export { IndexingService } from './indexing.service';
export { loadLinguist } from './linguist';
