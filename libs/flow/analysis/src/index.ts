export { AnalysisService } from './analysis.service';
